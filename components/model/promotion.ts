import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { serviceRole } from "../data/roles.ts";
import { type DataScope, arnOf } from "../data/state-machine/names.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { ModelScope } from "./model-scope.ts";
import { modelResource, packageGroupName } from "./names.ts";
import { type OtherPlace, packageEvents } from "./promotion-statements.ts";

export interface ModelPromotionArgs {
  scope: ModelScope;
  /** The environment that takes over what is approved here. */
  to: OtherPlace;
  deadLetterArn: pulumi.Input<string>;
}

/** The bus of the environment that takes over. */
export function nextBus({ region }: DataScope, { environment, account }: OtherPlace): string {
  return arnOf({ environment, account, region }, "events", "event-bus/default");
}

/** Tells the next environment of every model that is approved here, or no longer. */
export class ModelPromotion extends SlipwayComponent {
  constructor(name: string, args: ModelPromotionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ModelPromotion", name, opts);
    const { scope, to, deadLetterArn } = args;
    const bus = nextBus(scope, to);
    const { role, policy } = serviceRole(this, name, {
      service: "events.amazonaws.com",
      account: scope.account,
      statements: [{ sid: "TellNextEnvironment", actions: ["events:PutEvents"], resources: [bus] }],
    });
    const rule = new aws.cloudwatch.EventRule(
      `${name}-approved`,
      {
        name: modelResource(scope, "model-promotion"),
        description: `Tells ${to.environment} of approved models`,
        eventPattern: JSON.stringify({
          source: [packageEvents.source],
          "detail-type": [packageEvents.type],
          account: [scope.account],
          detail: {
            ModelPackageGroupName: [packageGroupName(scope)],
            ModelApprovalStatus: ["Approved", "Rejected"],
          },
        }),
      },
      childOf(this),
    );
    new aws.cloudwatch.EventTarget(
      `${name}-approved-target`,
      {
        rule: rule.name,
        targetId: "next-environment",
        arn: bus,
        roleArn: role.arn,
        deadLetterConfig: { arn: deadLetterArn },
      },
      childOf(this, { dependsOn: [policy] }),
    );
    this.registerOutputs({});
  }
}
