import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Statement, policyDocument, serviceTrust } from "../shared/iam.ts";
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

/** Statements of the queue's policy. The scheduler needs none: it sends with its role. */
export function deadLetterStatements(scope: DataScope, queueArn: pulumi.Input<string>): Statement[] {
  return [
    {
      sid: "DenyPlainHttp",
      effect: "Deny",
      principals: "*",
      actions: ["sqs:*"],
      resources: [queueArn],
      conditions: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      sid: "SendByRules",
      principals: { Service: "events.amazonaws.com" },
      actions: ["sqs:SendMessage"],
      resources: [queueArn],
      conditions: {
        ArnLike: { "aws:SourceArn": arnOf(scope, "events", `rule/${dataName(scope.environment, "*")}`) },
      },
    },
  ];
}

/** What starts the pipeline: deliveries and a schedule. Starts that fail are kept for two weeks. */
export class Triggers extends SlipwayComponent {
  readonly deadLetterQueue: pulumi.Output<string>;

  constructor(name: string, args: TriggersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Triggers", name, opts);
    const queue = new aws.sqs.Queue(
      `${name}-dead-letters`,
      {
        name: dataName(args.environment, "dead-letters"),
        kmsMasterKeyId: args.keyArn,
        messageRetentionSeconds: 14 * 24 * 3600,
      },
      childOf(this),
    );
    new aws.sqs.QueuePolicy(
      `${name}-dead-letters-policy`,
      { queueUrl: queue.url, policy: policyDocument(deadLetterStatements(args, queue.arn)) },
      childOf(this),
    );
    this.addSchedule(name, args, queue.arn);
    if (args.objectTrigger) this.addObjectRule(name, args, queue.arn);
    this.deadLetterQueue = queue.name;
    this.registerOutputs({ deadLetterQueue: this.deadLetterQueue });
  }

  private addRole(name: string, service: string, account: string, statements: readonly Statement[]) {
    const role = new aws.iam.Role(`${name}-role`, { assumeRolePolicy: serviceTrust(service, account) }, childOf(this));
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      { role: role.name, policy: policyDocument(statements) },
      childOf(this),
    );
    return { role, policy };
  }

  private addObjectRule(name: string, args: TriggersArgs, queueArn: pulumi.Output<string>): void {
    const start = [startStatement(args.stateMachineArn)];
    const { role, policy } = this.addRole(`${name}-object`, "events.amazonaws.com", args.account, start);
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
    const statements = scheduleStatements(args, queueArn);
    const { role, policy } = this.addRole(`${name}-schedule`, "scheduler.amazonaws.com", args.account, statements);
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
