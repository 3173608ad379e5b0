import {
  CreateDeploymentCommand,
  GetDeploymentCommand,
  ListDeploymentTargetsCommand,
  BatchGetDeploymentTargetsCommand,
  type CreateDeploymentCommandInput,
  type DeploymentInfo,
  type LambdaTarget,
} from "@aws-sdk/client-codedeploy";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetAliasCommand,
  InvokeCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";

import type { AwsApi } from "../../../sandbox/aws-api/index.ts";
import { until } from "../live/live-lab.ts";
import { clientsOf, openAwsLab, type AwsLab, type Clients } from "./aws-lab.ts";

const application = "lab-inference";
export const lambdaName = "lab-models-api";
export const alarmName = "lab-errors";
/** Minutes of production with a tenth: half a second, a second, and longer than any test looks at it. */
const intervals = { "lab-canary": 30, "lab-hour": 60, "lab-watched": 6_000 };
/** For what is ended before its time. */
export const watched = { deploymentConfigName: "lab-watched" };

/** A hook as CodeDeploy calls it: reports what it was told to, or does not. */
const hookCode = `
import os, time
from pathlib import Path

def handler(event, context):
    report = os.environ["REPORT"]
    if os.environ.get("CALLS"):
        with Path(os.environ["CALLS"]).open("a") as calls:
            calls.write(event["LifecycleEventHookExecutionId"] + "\\n")
    if report == "crash":
        raise ValueError("the new version answers nonsense")
    if report != "silence":
        import boto3

        client = boto3.client("codedeploy")
        client.put_lifecycle_event_hook_execution_status(
            deploymentId=event["DeploymentId"],
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status=report,
        )
`;
const answering = (version: number) => `def handler(event, context):\n    return ${version}\n`;
const zip = (code: string) => zipSync({ "handler.py": Buffer.from(code) }, { level: 0 });

/** What the hook of a name reports. */
export type HookReport = "Succeeded" | "Failed" | "crash" | "silence";

/** A function with two versions, an alias, hooks, and a deployment group that moves the alias. */
export class DeploymentLab {
  readonly lab: AwsLab;
  api!: AwsApi;
  clients!: Clients;
  alarm!: { ring(state?: string): void };

  private constructor(lab: AwsLab) {
    this.lab = lab;
  }

  static async open(): Promise<DeploymentLab> {
    const opened = new DeploymentLab(await openAwsLab());
    const { lab } = opened;
    opened.api = await lab.start();
    opened.api.attach(lab.emulator.endpoint);
    opened.clients = clientsOf(opened.api, lab);
    opened.alarm = lab.alarm(alarmName);
    await opened.#record();
    await opened.function(lambdaName, answering(1));
    const { lambda } = opened.clients;
    await lambda.send(new PublishVersionCommand({ FunctionName: lambdaName }));
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: lambdaName, ZipFile: zip(answering(2)) }));
    await lambda.send(new PublishVersionCommand({ FunctionName: lambdaName }));
    await lambda.send(new CreateAliasCommand({ FunctionName: lambdaName, Name: "live", FunctionVersion: "1" }));
    return opened;
  }

  /** Lets another server answer in place of the one before, which ends first: the state is one's alone. */
  async use(start: () => Promise<AwsApi>): Promise<void> {
    this.clients.destroy();
    await this.api.close();
    this.api = await start();
    this.clients = clientsOf(this.api, this.lab);
  }

  async close(): Promise<void> {
    this.clients?.destroy();
    await this.api?.close();
    await this.lab.close();
  }

  async #record(): Promise<void> {
    const { recorded } = this.lab;
    recorded("aws:codedeploy/application:Application", application, { name: application, computePlatform: "Lambda" });
    for (const [deploymentConfigName, interval] of Object.entries(intervals)) {
      const trafficRoutingConfig = { type: "TimeBasedCanary", timeBasedCanary: { percentage: 10, interval } };
      const config = { deploymentConfigName, computePlatform: "Lambda", trafficRoutingConfig };
      recorded("aws:codedeploy/deploymentConfig:DeploymentConfig", deploymentConfigName, config);
    }
    const events = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];
    recorded("aws:codedeploy/deploymentGroup:DeploymentGroup", "guid", {
      ...{ appName: application, deploymentGroupName: "live", deploymentConfigName: "lab-canary" },
      ...{ serviceRoleArn: "arn:aws:iam::111111111111:role/lab" },
      alarmConfiguration: { enabled: true, alarms: [alarmName], ignorePollAlarmFailure: false },
      autoRollbackConfiguration: { enabled: true, events },
    });
  }

  async function(FunctionName: string, code: string, Variables: Record<string, string> = {}): Promise<void> {
    const base = {
      Role: "arn:aws:iam::111111111111:role/lab",
      Runtime: "python3.13",
      Handler: "handler.handler",
    } as const;
    const Code = { ZipFile: zip(code) };
    const command = { ...base, FunctionName, Code, Timeout: 20, Environment: { Variables } };
    await this.clients.lambda.send(new CreateFunctionCommand(command));
  }

  /** Makes the function of a hook. */
  async hook(name: string, report: HookReport, variables: Record<string, string> = {}): Promise<void> {
    await this.function(name, hookCode, {
      ...{ REPORT: report, AWS_ENDPOINT_URL_CODEDEPLOY: this.api.endpoint },
      ...variables,
    });
  }

  /** What CodeDeploy is told. */
  appSpec(changes: { from?: string; to?: string; hooks?: Record<string, string> } = {}): string {
    const { from = "1", to = "2", hooks = {} } = changes;
    const Properties = { Name: lambdaName, Alias: "live", CurrentVersion: from, TargetVersion: to };
    const Hooks = Object.entries(hooks).map(([event, name]) => ({ [event]: name }));
    const Resources = [{ function: { Type: "AWS::Lambda::Function", Properties } }];
    return JSON.stringify({ version: 0.0, Resources, ...(Hooks.length > 0 && { Hooks }) });
  }

  async deploy(content = this.appSpec(), more: Partial<CreateDeploymentCommandInput> = {}): Promise<string> {
    const revision = { revisionType: "AppSpecContent" as const, appSpecContent: { content } };
    const group = { applicationName: application, deploymentGroupName: "live" };
    const command = new CreateDeploymentCommand({ ...group, revision, ...more });
    return (await this.clients.codedeploy.send(command)).deploymentId ?? "";
  }

  async info(deploymentId: string): Promise<DeploymentInfo> {
    const found = await this.clients.codedeploy.send(new GetDeploymentCommand({ deploymentId }));
    return found.deploymentInfo ?? {};
  }

  /** Waits for the end of a deployment, and of the one that takes it back. */
  async ended(id: string): Promise<DeploymentInfo> {
    let found: DeploymentInfo = {};
    await until(`${id} has ended`, async () => {
      found = await this.info(id);
      return ["Succeeded", "Failed", "Stopped"].includes(found.status ?? "");
    });
    const back = found.rollbackInfo?.rollbackDeploymentId;
    if (back !== undefined) await this.ended(back);
    return found;
  }

  async target(deploymentId: string): Promise<LambdaTarget> {
    const { codedeploy } = this.clients;
    const { targetIds } = await codedeploy.send(new ListDeploymentTargetsCommand({ deploymentId }));
    const ask = new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds });
    return (await codedeploy.send(ask)).deploymentTargets?.[0]?.lambdaTarget ?? {};
  }

  /** Where the alias leads: `1`, or `1 2:0.1`. */
  async alias(): Promise<string> {
    const found = await this.clients.lambda.send(new GetAliasCommand({ FunctionName: lambdaName, Name: "live" }));
    const weights = Object.entries(found.RoutingConfig?.AdditionalVersionWeights ?? {});
    return [found.FunctionVersion, ...weights.map(([version, weight]) => `${version}:${weight}`)].join(" ");
  }

  /** Waits until the alias leads there. */
  async aliasIs(wanted: string): Promise<void> {
    await until(`the alias is at ${wanted}`, async () => (await this.alias()) === wanted);
  }

  /** Puts the alias somewhere by hand. */
  async moveAlias(FunctionVersion: string, weights: Record<string, number> = {}): Promise<void> {
    const RoutingConfig = { AdditionalVersionWeights: weights };
    const command = { FunctionName: lambdaName, Name: "live", FunctionVersion, RoutingConfig };
    await this.clients.lambda.send(new UpdateAliasCommand(command));
  }

  /** Answers of the alias to so many calls, by version. */
  async counted(calls: number): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let at = 0; at < calls; at += 1) {
      const command = new InvokeCommand({ FunctionName: lambdaName, Qualifier: "live" });
      const { Payload } = await this.clients.lambda.send(command);
      const version = Buffer.from(Payload ?? []).toString();
      counts[version] = (counts[version] ?? 0) + 1;
    }
    return counts;
  }
}
