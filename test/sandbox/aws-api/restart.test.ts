import { strict as assert } from "node:assert";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { ListDeploymentsCommand } from "@aws-sdk/client-codedeploy";
import { CreateModelPackageCommand, type DeploymentConfig } from "@aws-sdk/client-sagemaker";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

import { State } from "../../../sandbox/aws-api/state.ts";
import { isRunning, markOf } from "../../../sandbox/live/process.ts";
import { region, until } from "../live/live-lab.ts";
import { settings, type AwsLab } from "./aws-lab.ts";
import { DeploymentLab, watched } from "./deployment-lab.ts";
import { EndpointLab } from "./endpoint-lab.ts";
import { Relay } from "./relay.ts";

const driver = fileURLToPath(new URL("driver.ts", import.meta.url));
/** Three steps, a second between them. */
const gradually: DeploymentConfig = {
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: "LINEAR",
      LinearStepSize: { Type: "CAPACITY_PERCENT", Value: 34 },
      WaitIntervalInSeconds: 3_600,
    },
  },
  AutoRollbackConfiguration: { Alarms: [{ AlarmName: "lab-restart" }] },
};

/** The services as a process that can be killed. */
class Server {
  readonly endpoint: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, endpoint: string) {
    this.#child = child;
    this.endpoint = endpoint;
  }

  static async start({ directory, python }: AwsLab, emulator: string): Promise<Server> {
    const words = ["--disable-warning=ExperimentalWarning", driver, directory, python, emulator];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
    const ended = once(child, "exit").then(([code]) => assert.fail(`the server ended with ${String(code)}`));
    const [endpoint] = (await Promise.race([once(createInterface(child.stdout), "line"), ended])) as [string];
    ended.catch(() => undefined);
    return new Server(child, endpoint);
  }

  attach(): void {}
  aliasVersion(): undefined {}
  busy(): boolean {
    return false;
  }

  /** As if the machine had lost it: nothing is said goodbye to. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  close(): Promise<void> {
    return this.kill();
  }
}

describe("a killed server of the sandbox's SageMaker", function () {
  this.timeout(60_000);
  let lab: EndpointLab;
  let server: Server;

  before(async function () {
    this.timeout(600_000);
    lab = await EndpointLab.open();
    await lab.config("one");
    await lab.config("two");
    await lab.created("lab", "one");
  });
  after(async () => {
    await lab?.close();
  });

  const start = async () => {
    await lab.use(async () => (server = await Server.start(lab.lab, lab.lab.emulator.endpoint)));
  };

  it("leaves no process, and goes on with the canary where it was", async () => {
    lab.lab.alarm("lab-restart");
    await start();
    await lab.update("lab", "two", gradually);
    await lab.baking("lab");
    const answers = await Promise.all(Array.from({ length: 10 }, () => lab.invoke("lab")));
    const marks = [...new Set(answers.map(({ body }) => Number(body["pid"])))].map((pid) => markOf(pid));
    assert.equal(marks.length, 2);
    await server.kill();
    await until("its processes are gone", () => !marks.some((mark) => mark !== undefined && isRunning(mark)));
    await start();
    const { EndpointStatus, EndpointConfigName, PendingDeploymentSummary } = await lab.describe("lab");
    assert.deepEqual([EndpointStatus, EndpointConfigName], ["Updating", "one"]);
    assert.equal(PendingDeploymentSummary?.EndpointConfigName, "two");
    const after = await lab.settled("lab");
    assert.deepEqual(
      [after.EndpointStatus, after.EndpointConfigName, after.FailureReason],
      ["InService", "two", undefined],
    );
    assert.deepEqual(await lab.counted("lab", 5), { two: 5 });
  });

  it("goes back when the alarm rang meanwhile", async () => {
    const alarm = lab.lab.alarm("lab-meanwhile");
    const AutoRollbackConfiguration = { Alarms: [{ AlarmName: "lab-meanwhile" }] };
    await lab.update("lab", "one", { ...gradually, AutoRollbackConfiguration });
    await lab.baking("lab");
    await server.kill();
    alarm.ring();
    await start();
    const { EndpointConfigName, FailureReason } = await lab.settled("lab");
    assert.equal(EndpointConfigName, "two");
    assert.match(FailureReason ?? "", /in ALARM: lab-meanwhile/);
    await server.kill();
  });

  it("puts the events that it had left, in their order", async () => {
    const { account, emulator, directory, recorded } = lab.lab;
    recorded("aws:sagemaker/modelPackageGroup:ModelPackageGroup", "lab-kept", { modelPackageGroupName: "lab-kept" });
    const sqs = new SQSClient(settings(emulator.endpoint, account));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "lab" }));
    const bus = new EventBridgeClient(settings(emulator.endpoint, account));
    const EventPattern = JSON.stringify({ detail: { ModelPackageGroupName: ["lab-kept"] } });
    await bus.send(new PutRuleCommand({ Name: "lab", EventPattern }));
    const Targets = [{ Id: "queue", Arn: `arn:aws:sqs:${region}:${account}:lab` }];
    await bus.send(new PutTargetsCommand({ Rule: "lab", Targets }));
    // An emulator that nobody can reach: what is told it stays behind.
    await lab.use(async () => (server = await Server.start(lab.lab, "http://127.0.0.1:9")));
    for (const ModelApprovalStatus of ["Approved", "Rejected"] as const)
      await lab.clients.sagemaker.send(
        new CreateModelPackageCommand({ ModelPackageGroupName: "lab-kept", ModelApprovalStatus }),
      );
    await server.kill();
    const state = new State(directory);
    assert.equal(state.pendingEvents().length, 2);
    state.close();
    await start();
    const versions: number[] = [];
    await until("both events have come", async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 10 }),
      );
      for (const { Body = "" } of Messages)
        versions.push((JSON.parse(Body) as { detail: { ModelPackageVersion: number } }).detail.ModelPackageVersion);
      return versions.length >= 2;
    });
    assert.deepEqual(versions, [1, 2]);
    sqs.destroy();
    bus.destroy();
  });
});

describe("a killed server of the sandbox's CodeDeploy", function () {
  this.timeout(60_000);
  let lab: DeploymentLab;
  let server: Server;
  let calls: string;
  let relay: Relay;

  before(async function () {
    this.timeout(600_000);
    lab = await DeploymentLab.open();
    calls = join(lab.lab.directory, "calls");
    relay = await Relay.open();
    await lab.hook("good", "Succeeded", { CALLS: calls });
    await lab.hook("lost", "Succeeded", {
      CALLS: calls,
      AWS_ENDPOINT_URL_CODEDEPLOY: relay.endpoint,
      AWS_MAX_ATTEMPTS: "1",
    });
    await start();
  });
  beforeEach(() => lab.moveAlias("1"));
  after(async () => {
    relay?.close();
    await lab?.close();
  });

  /** The hook finds the server at its new address. */
  const start = async () => {
    await lab.use(async () => (server = await Server.start(lab.lab, lab.lab.emulator.endpoint)));
    const Variables = { REPORT: "Succeeded", CALLS: calls, AWS_ENDPOINT_URL_CODEDEPLOY: server.endpoint };
    await lab.clients.lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: "good", Environment: { Variables } }),
    );
  };
  const called = () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []);
  const deployments = async () => (await lab.clients.codedeploy.send(new ListDeploymentsCommand({}))).deployments ?? [];

  it("goes on with the shift, and asks no hook twice that has answered", async () => {
    const hooks = { BeforeAllowTraffic: "good", AfterAllowTraffic: "good" };
    const id = await lab.deploy(lab.appSpec({ hooks }), { deploymentConfigName: "lab-hour" });
    await lab.aliasIs("1 2:0.1");
    await server.kill();
    assert.equal(await lab.alias(), "1 2:0.1");
    await start();
    assert.equal((await lab.ended(id)).status, "Succeeded");
    assert.equal(await lab.alias(), "2");
    assert.equal(called().length, 2);
    assert.deepEqual(await deployments(), [id]);
  });

  it("goes back once when the alarm rang meanwhile", async () => {
    const id = await lab.deploy(undefined, watched);
    await lab.aliasIs("1 2:0.1");
    await server.kill();
    lab.alarm.ring();
    await start();
    const { status, errorInformation, rollbackInfo } = await lab.ended(id);
    lab.alarm.ring("OK");
    assert.deepEqual([status, errorInformation?.code], ["Stopped", "ALARM_ACTIVE"]);
    assert.equal(await lab.alias(), "1");
    assert.deepEqual((await deployments()).slice(0, 2).sort(), [id, rollbackInfo?.rollbackDeploymentId].sort());
  });

  it("asks a hook again that could not answer, under the same id", async () => {
    const before = called().length;
    const deploymentConfigName = "CodeDeployDefault.LambdaAllAtOnce";
    const id = await lab.deploy(lab.appSpec({ hooks: { BeforeAllowTraffic: "lost" } }), { deploymentConfigName });
    await until("the hook was called, and is about to answer", () => relay.waiting > 0);
    await server.kill();
    relay.hangUp();
    await start();
    relay.leadTo(server.endpoint);
    assert.equal((await lab.ended(id)).status, "Succeeded");
    const [first, ...more] = called().slice(before);
    assert.deepEqual(new Set(more), new Set([first]));
    assert.equal(await lab.alias(), "2");
  });
});
