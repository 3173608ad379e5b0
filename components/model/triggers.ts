import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { eventSource } from "../data/grants.ts";
import { serviceRole } from "../data/roles.ts";
import { arnOf } from "../data/state-machine/names.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Statement, policyDocument } from "../shared/iam.ts";
import type { MadeFunction } from "./model-functions.ts";
import type { ModelScope } from "./model-scope.ts";
import type { ModelSettings } from "./model-settings.ts";
import { type ModelFunctionName, deadLetterQueueName, endpointName, modelResource, trainingDataset } from "./names.ts";
import { heardFrom, packageEvents, sourceGroupName } from "./promotion-statements.ts";

export interface ModelTriggersArgs {
  scope: ModelScope;
  settings: Pick<ModelSettings, "schedule" | "onPublished" | "promotion" | "endpoint">;
  functions: Readonly<Record<ModelFunctionName, MadeFunction>>;
  deadLetterArn: pulumi.Input<string>;
}

type Pattern = Readonly<Record<string, unknown>>;

/** How long an event is delivered again before it becomes a dead letter. */
const retries = { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 24 };

/** What the scheduler's role may do: call the function, and leave a dead letter where that fails. */
export function scheduleStatements(scope: ModelScope, functionArn: pulumi.Input<string>): Statement[] {
  const queue = arnOf(scope, "sqs", deadLetterQueueName(scope));
  return [
    { sid: "CallFunction", actions: ["lambda:InvokeFunction"], resources: [functionArn] },
    { sid: "SendDeadLetters", actions: ["sqs:SendMessage"], resources: [queue] },
    {
      sid: "EncryptDeadLetters",
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: [scope.keyArn],
      conditions: { StringEquals: { "kms:EncryptionContext:aws:sqs:arn": queue } },
    },
  ];
}

/** Word of the models of the group that this environment takes its models from. */
export function packagePattern(scope: ModelScope, { promotion }: Pick<ModelSettings, "promotion">): Pattern {
  const group = { ModelPackageGroupName: [sourceGroupName(scope, promotion)] };
  return {
    source: [packageEvents.source],
    "detail-type": [packageEvents.type],
    account: [promotion.mode === "code" ? scope.account : promotion.from.account],
    // What the environment before has not approved is its own affair.
    detail: promotion.mode === "code" ? group : { ...group, ModelApprovalStatus: ["Approved", "Rejected"] },
  };
}

const readyDetail = (scope: ModelScope) => ({ EndpointName: endpointName(scope), EndpointStatus: "IN_SERVICE" });

/** Word that the endpoint is ready for the next change: what was approved meanwhile is deployed then. */
export function readyPattern(scope: ModelScope) {
  const { EndpointName, EndpointStatus } = readyDetail(scope);
  return {
    source: ["aws.sagemaker"],
    "detail-type": ["SageMaker Endpoint State Change"],
    detail: { EndpointName: [EndpointName], EndpointStatus: [EndpointStatus] },
  };
}

/** Word that the lake has new data to learn from. */
export const publishedPattern: Pattern = {
  source: [eventSource],
  "detail-type": ["Dataset Published"],
  detail: { dataset: [trainingDataset] },
};

/** What starts training and what sets deployment off. Calls that fail are kept for two weeks. */
export class ModelTriggers extends SlipwayComponent {
  constructor(name: string, args: ModelTriggersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ModelTriggers", name, opts);
    const { scope, settings } = args;
    this.addTraining(name, args);
    if (settings.onPublished) {
      const description = "Trains when the data pipeline has published";
      this.addRule(name, "published", "training_handler", { description, pattern: publishedPattern }, args);
    }
    const changed = { description: "Deploys what is approved", pattern: packagePattern(scope, settings) };
    this.addRule(name, "packages", "deploy_endpoint", changed, args);
    if (settings.endpoint.kind !== "none") {
      const ready = { description: "Deploys what was approved during a deployment", pattern: readyPattern(scope) };
      this.addRule(name, "ready", "deploy_endpoint", ready, args);
      this.addUpkeep(name, args);
    }
    if (settings.promotion.mode === "model") {
      new aws.cloudwatch.EventBusPolicy(
        `${name}-bus`,
        { eventBusName: "default", policy: policyDocument([heardFrom(scope, settings.promotion.from)]) },
        childOf(this),
      );
    }
    this.registerOutputs({});
  }

  private addRule(
    name: string,
    key: string,
    target: ModelFunctionName,
    { description, pattern }: { description: string; pattern: Pattern },
    { scope, functions, deadLetterArn }: ModelTriggersArgs,
  ): void {
    const rule = new aws.cloudwatch.EventRule(
      `${name}-${key}`,
      { name: modelResource(scope, `model-${key}`), description, eventPattern: JSON.stringify(pattern) },
      childOf(this),
    );
    const permission = new aws.lambda.Permission(
      `${name}-${key}-permission`,
      {
        action: "lambda:InvokeFunction",
        function: functions[target].name,
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      },
      childOf(this),
    );
    new aws.cloudwatch.EventTarget(
      `${name}-${key}-target`,
      {
        rule: rule.name,
        targetId: "function",
        arn: functions[target].arn,
        retryPolicy: retries,
        deadLetterConfig: { arn: deadLetterArn },
      },
      // An event that comes before the permission would become a dead letter.
      childOf(this, { dependsOn: [permission] }),
    );
  }

  /** A model that comes from the environment before is not trained here. A disabled schedule can be enabled by hand. */
  private addTraining(name: string, args: ModelTriggersArgs): void {
    const { schedule, promotion } = args.settings;
    const description = "Trains anew on what the lake has by then";
    const enabled = schedule.enabled && promotion.mode === "code";
    const called = { target: "training_handler", input: {} } as const;
    this.addSchedule(`${name}-schedule`, "training", { ...schedule, enabled, description, ...called }, args);
  }

  /** A release may change the image or the machines that serve; what is approved is served so from the next day on. */
  private addUpkeep(name: string, args: ModelTriggersArgs): void {
    const { source, "detail-type": type } = readyPattern(args.scope);
    const input = { source: source[0], "detail-type": type[0], detail: readyDetail(args.scope) };
    const description = "Brings the endpoint up to how models are served by now";
    const daily = { expression: "rate(1 day)", enabled: true, description };
    this.addSchedule(`${name}-upkeep`, "endpoint-upkeep", { ...daily, target: "deploy_endpoint", input }, args);
  }

  private addSchedule(
    name: string,
    key: string,
    call: { expression: string; enabled: boolean; description: string; target: ModelFunctionName; input: object },
    { scope, functions, deadLetterArn }: ModelTriggersArgs,
  ): void {
    const { arn } = functions[call.target];
    const { role, policy } = serviceRole(this, name, {
      service: "scheduler.amazonaws.com",
      account: scope.account,
      statements: scheduleStatements(scope, arn),
    });
    new aws.scheduler.Schedule(
      name,
      {
        name: modelResource(scope, key),
        description: call.description,
        scheduleExpression: call.expression,
        scheduleExpressionTimezone: "UTC",
        state: call.enabled ? "ENABLED" : "DISABLED",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn,
          roleArn: role.arn,
          input: JSON.stringify(call.input),
          retryPolicy: retries,
          deadLetterConfig: { arn: deadLetterArn },
        },
      },
      childOf(this, { dependsOn: [policy] }),
    );
  }
}
