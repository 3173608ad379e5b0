import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BatchStopJobRunCommand, CreateJobCommand, GetJobRunsCommand, GlueClient } from "@aws-sdk/client-glue";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { zipSync } from "fflate";
import {
  type AnyJob,
  type PipelineFunction,
  type PipelineJob,
  type Severity,
  pipelineDefinition,
} from "../../../../components/data/state-machine/pipeline-definition.ts";
import { promised } from "../../../support/harness.ts";
import type { MiniStack } from "../../../support/ministack.ts";
import { firstLooks, until } from "./waiting.ts";
import { type Scenario, functionCode, jobCode } from "./stand-ins.ts";

const root = resolve(import.meta.dirname, "../../../..");
const account = "111111111111";
const role = `arn:aws:iam::${account}:role/stand-in`;
const functions: readonly PipelineFunction[] = ["validate", "catalog", "quality_gate", "publish", "quarantine"];
const jobs: readonly PipelineJob[] = ["raw_to_processed", "daily_features", "quality"];
const severities: readonly Severity[] = ["info", "warning", "critical"];

export type States = Record<string, Record<string, unknown>>;

export interface RunOptions {
  /** States instead of those of the pipeline. */
  states?: States;
  /** Input beside the scenario. */
  input?: object;
  /** Name of the execution. */
  name?: string;
}

export interface Message {
  severity: Severity;
  subject: string;
  facts: Record<string, unknown>;
}

export interface Execution {
  arn: string;
  status: string;
  output: Record<string, unknown>;
  error: string | undefined;
  cause: string | undefined;
  /** Names of the states that were entered, in order. Looks at a job after the first are left out. */
  path: string[];
}

const byName = <N extends string, V>(names: readonly N[], value: (name: N) => V): Record<N, V> =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<N, V>;

const callable = (service: string, kind: string) => (name: string) => ({
  name,
  arn: `arn:aws:${service}:us-east-1:${account}:${kind}${name}`,
});

/** The pipeline's machine in a real server, with stand-ins for what it calls and a queue on each topic. */
export class Lab {
  readonly #sfn: SFNClient;
  readonly #sqs: SQSClient;
  readonly #glue: GlueClient;
  readonly #cloud: MiniStack;
  readonly #machines = new Map<string, Promise<string>>();
  readonly #messages = new Map<string, Message[]>();
  #queues: { severity: Severity; url: string }[] = [];
  #states: States = {};

  readonly #jobs: readonly AnyJob[];

  /** `more`: jobs beside those that every pipeline has. */
  constructor(cloud: MiniStack, more: readonly AnyJob[] = []) {
    this.#cloud = cloud;
    this.#jobs = [...jobs, ...more];
    this.#sfn = new SFNClient(this.#settings());
    this.#sqs = new SQSClient(this.#settings());
    this.#glue = new GlueClient(this.#settings());
  }

  #settings() {
    return {
      region: "us-east-1",
      endpoint: this.#cloud.endpoint,
      credentials: { accessKeyId: account, secretAccessKey: "secret" },
    };
  }

  /** Every state of the definition, by name. */
  get states(): States {
    return this.#states;
  }

  async prepare(): Promise<void> {
    const [topics] = await Promise.all([this.#makeTopics(), this.#makeFunctions(), this.#makeJobs()]);
    const { definition } = pipelineDefinition({
      name: "slipway-test-data-pipeline",
      functions: byName(functions, callable("lambda", "function:")),
      jobs: byName(this.#jobs, callable("glue", "job/")),
      topics,
      pollSeconds: 20,
      timeoutMinutes: 5,
    });
    this.#states = (await promised(definition))["States"] as States;
  }

  async #makeFunctions(): Promise<void> {
    const lambda = new LambdaClient(this.#settings());
    const ZipFile = zipSync({
      "handler.py": new TextEncoder().encode(functionCode),
      // The real errors: how one of them reads decides where the machine goes.
      "lakehouse/errors.py": readFileSync(join(root, "data/src/lakehouse/errors.py")),
    });
    for (const FunctionName of functions) {
      const code = { Runtime: "python3.13", Handler: "handler.handler", Code: { ZipFile } } as const;
      await lambda.send(new CreateFunctionCommand({ FunctionName, Role: role, Timeout: 30, ...code }));
    }
  }

  async #makeJobs(): Promise<void> {
    const s3 = new S3Client({ ...this.#settings(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "code" }));
    for (const Name of this.#jobs) {
      await s3.send(new PutObjectCommand({ Bucket: "code", Key: `${Name}.py`, Body: jobCode(Name) }));
      const Command = { Name: "pythonshell", ScriptLocation: `s3://code/${Name}.py` };
      // Seconds to MiniStack.
      await this.#glue.send(new CreateJobCommand({ Name, Role: role, Command, Timeout: 6 }));
    }
  }

  async #makeTopics(): Promise<Record<Severity, string>> {
    const sns = new SNSClient(this.#settings());
    const arns = await Promise.all(
      severities.map(async (severity) => {
        const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: severity }));
        const { QueueUrl = "" } = await this.#sqs.send(new CreateQueueCommand({ QueueName: severity }));
        const Endpoint = `arn:aws:sqs:us-east-1:${account}:${severity}`;
        await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
        this.#queues.push({ severity, url: QueueUrl });
        return [severity, TopicArn] as const;
      }),
    );
    return Object.fromEntries(arns) as Record<Severity, string>;
  }

  /** ARN of a machine with these states, made once for all tests that want the same. */
  #machine(states: States): Promise<string> {
    const definition = JSON.stringify({ QueryLanguage: "JSONata", StartAt: "Prepare", States: states });
    const name = createHash("sha256").update(definition).digest("hex").slice(0, 20);
    const made = this.#machines.get(name) ?? this.#makeMachine(name, definition);
    this.#machines.set(name, made);
    return made;
  }

  async #makeMachine(name: string, definition: string): Promise<string> {
    const { stateMachineArn = "" } = await this.#sfn.send(
      new CreateStateMachineCommand({ name, definition, roleArn: role }),
    );
    return stateMachineArn;
  }

  /** Starts an execution and waits for its end. */
  async run(scenario: Scenario, options: RunOptions = {}): Promise<Execution> {
    const arn = await this.start(scenario, options);
    return await this.ended(arn);
  }

  async start(scenario: Scenario, options: RunOptions = {}): Promise<string> {
    const { states = this.#states, input = {}, name } = options;
    const { executionArn = "" } = await this.#sfn.send(
      new StartExecutionCommand({
        stateMachineArn: await this.#machine(states),
        input: JSON.stringify({ prefix: JSON.stringify(scenario), ...input }),
        ...(name !== undefined && { name }),
      }),
    );
    return executionArn;
  }

  async ended(executionArn: string): Promise<Execution> {
    const answer = await until(async () => {
      const now = await this.#sfn.send(new DescribeExecutionCommand({ executionArn }));
      return now.status === "RUNNING" ? undefined : now;
    });
    const { events = [] } = await this.#sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    const entered = events.flatMap(({ stateEnteredEventDetails: details }) => details?.name ?? []);
    return {
      arn: executionArn,
      status: answer.status ?? "",
      output: JSON.parse(answer.output ?? "{}") as Record<string, unknown>,
      error: answer.error,
      cause: answer.cause,
      path: firstLooks(entered),
    };
  }

  /** Messages that say they are about this execution, once there are as many as expected. */
  async messages(executionArn: string, count: number): Promise<Message[]> {
    return await until(async () => {
      for (const queue of this.#queues) await this.#drain(queue);
      const found = this.#messages.get(executionArn) ?? [];
      return found.length >= count ? found : undefined;
    });
  }

  async #drain({ severity, url }: { severity: Severity; url: string }): Promise<void> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return;
    for (const { Body = "{}" } of Messages) {
      const { Subject, Message } = JSON.parse(Body) as { Subject: string; Message: string };
      const facts = JSON.parse(Message) as Record<string, unknown>;
      const arn = String(facts["execution"]);
      this.#messages.set(arn, [...(this.#messages.get(arn) ?? []), { severity, subject: Subject, facts }]);
    }
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  }

  /** Stops the run of a job that a scenario made hang, as soon as it is there. */
  async stopRun(JobName: PipelineJob, scenario: Scenario): Promise<void> {
    const prefix = JSON.stringify(scenario);
    const id = await until(async () => {
      const { JobRuns = [] } = await this.#glue.send(new GetJobRunsCommand({ JobName }));
      return JobRuns.find((run) => run.Arguments?.["--prefix"] === prefix && run.JobRunState === "RUNNING")?.Id;
    });
    await this.#glue.send(new BatchStopJobRunCommand({ JobName, JobRunIds: [id] }));
  }
}
