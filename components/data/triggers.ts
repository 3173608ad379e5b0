import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Statement } from "../shared/iam.ts";
import { deadLetters } from "./dead-letters.ts";
import { serviceRole } from "./roles.ts";
import { type DataScope, arnOf, dataName } from "./state-machine/names.ts";
import { liveInput } from "./state-machine/run.ts";

export interface TriggersArgs extends DataScope {
  keyArn: pulumi.Input<string>;
  stateMachineArn: pulumi.Input<string>;
  rawBucket: pulumi.Input<string>;
  /** Start an execution for each delivered object. The bucket has to send its events to EventBridge. */
  objectTrigger: boolean;
  /** In UTC. A disabled schedule stays, so that it can be enabled by hand when it matters. */
  schedule: { expression: string; enabled: boolean };
}

const pattern = (rawBucket: pulumi.Input<string>) => ({
  source: ["aws.s3"],
  "detail-type": ["Object Created"],
  detail: { bucket: { name: [rawBucket] }, object: { key: [{ prefix: liveInput.prefix }] } },
});

/** How long a start is tried again before it becomes a dead letter. A delivery can wait an hour, not a day. */
const retries = { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 24 };

const startStatement = (machineArn: pulumi.Input<string>): Statement => ({
  sid: "StartPipeline",
  actions: ["states:StartExecution"],
  resources: [machineArn],
});

/** What the scheduler's role may do: start the pipeline, and leave a dead letter where that fails. */
export function scheduleStatements(
  args: Pick<TriggersArgs, "stateMachineArn" | "keyArn">,
  queueArn: pulumi.Input<string>,
): Statement[] {
  return [
    startStatement(args.stateMachineArn),
    { sid: "SendDeadLetters", actions: ["sqs:SendMessage"], resources: [queueArn] },
    {
      sid: "EncryptDeadLetters",
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: [args.keyArn],
      conditions: { StringEquals: { "kms:EncryptionContext:aws:sqs:arn": queueArn } },
    },
  ];
}

/** Who else may leave dead letters. The scheduler is not among them: it sends with its role. */
const sentByRules = (scope: DataScope, queueArn: pulumi.Input<string>): Statement => ({
  sid: "SendByRules",
  principals: { Service: "events.amazonaws.com" },
  actions: ["sqs:SendMessage"],
  resources: [queueArn],
  conditions: {
    ArnLike: { "aws:SourceArn": arnOf(scope, "events", `rule/${dataName(scope.environment, "*")}`) },
  },
});

/** What starts the pipeline: deliveries and a schedule. Starts that fail are kept for two weeks. */
export class Triggers extends SlipwayComponent {
  readonly deadLetterQueue: pulumi.Output<string>;
  readonly deadLetterQueueArn: pulumi.Output<string>;

  constructor(name: string, args: TriggersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Triggers", name, opts);
    const queue = deadLetters(this, name, {
      name: dataName(args.environment, "dead-letters"),
      keyArn: args.keyArn,
      senders: (queueArn) => [sentByRules(args, queueArn)],
    });
    this.addSchedule(name, args, queue.arn);
    if (args.objectTrigger) this.addObjectRule(name, args, queue.arn);
    this.deadLetterQueue = queue.name;
    this.deadLetterQueueArn = queue.arn;
    this.registerOutputs({ deadLetterQueue: this.deadLetterQueue });
  }

  private addObjectRule(name: string, args: TriggersArgs, queueArn: pulumi.Output<string>): void {
    const { role, policy } = serviceRole(this, `${name}-object`, {
      service: "events.amazonaws.com",
      account: args.account,
      statements: [startStatement(args.stateMachineArn)],
    });
    const rule = new aws.cloudwatch.EventRule(
      `${name}-object`,
      {
        name: dataName(args.environment, "object-created"),
        description: "Starts the pipeline for each delivered object",
        eventPattern: pulumi.jsonStringify(pattern(args.rawBucket)),
      },
      childOf(this),
    );
    new aws.cloudwatch.EventTarget(
      `${name}-object-target`,
      {
        rule: rule.name,
        targetId: "pipeline",
        arn: args.stateMachineArn,
        roleArn: role.arn,
        // The same for every object: an execution takes all that is pending.
        input: JSON.stringify(liveInput),
        retryPolicy: retries,
        deadLetterConfig: { arn: queueArn },
      },
      childOf(this, { dependsOn: [policy] }),
    );
  }

  private addSchedule(name: string, args: TriggersArgs, queueArn: pulumi.Output<string>): void {
    const { role, policy } = serviceRole(this, `${name}-schedule`, {
      service: "scheduler.amazonaws.com",
      account: args.account,
      statements: scheduleStatements(args, queueArn),
    });
    new aws.scheduler.Schedule(
      `${name}-schedule`,
      {
        name: dataName(args.environment, "pipeline"),
        description: "Starts the pipeline for whatever no event told of",
        scheduleExpression: args.schedule.expression,
        scheduleExpressionTimezone: "UTC",
        state: args.schedule.enabled ? "ENABLED" : "DISABLED",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: args.stateMachineArn,
          roleArn: role.arn,
          input: JSON.stringify(liveInput),
          retryPolicy: retries,
          deadLetterConfig: { arn: queueArn },
        },
      },
      childOf(this, { dependsOn: [policy] }),
    );
  }
}
