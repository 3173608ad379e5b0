import type { CodeDeployClient, DeploymentInfo } from "@aws-sdk/client-codedeploy";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { TrafficShift } from "../../../config/outputs.ts";
import type { AwsClientConfig } from "../../verify/check-kind.ts";
import { appSpec, targetOf } from "./appspec.ts";
import {
  allAtOnce,
  unfinished,
  type AliasState,
  type DeploymentState,
  type FailedEvent,
  type Manner,
} from "./decide.ts";

/** One alias and the deployment group that moves it. */
export interface TrafficClient {
  alias(): Promise<AliasState>;
  /** Everything to the version that the alias names. */
  clearWeights(): Promise<void>;
  /** Deployments of the group that are not at their end. */
  running(): Promise<DeploymentState[]>;
  deployment(id: string): Promise<DeploymentState>;
  /** Id of the new deployment; undefined where another one is under way. */
  start(from: string, manner: Manner, description: string): Promise<string | undefined>;
  /** Ends a deployment, and what it moved goes back. */
  stop(id: string): Promise<void>;
  /** Names of the alarms that stop deployments of the group. */
  alarmNames(): Promise<string[]>;
  failedEvents(id: string): Promise<FailedEvent[]>;
  close(): void;
}

export interface TrafficConfigs {
  lambda: AwsClientConfig;
  codedeploy: AwsClientConfig;
}

/** The clients are loaded by the first who has something to shift. */
export async function openTrafficClient(shift: TrafficShift, configs: TrafficConfigs): Promise<TrafficClient> {
  const [{ LambdaClient }, { CodeDeployClient }] = await Promise.all([
    import("@aws-sdk/client-lambda"),
    import("@aws-sdk/client-codedeploy"),
  ]);
  const lambda = new LambdaClient(configs.lambda);
  const codedeploy = new CodeDeployClient(configs.codedeploy);
  return {
    ...aliasCalls(shift, lambda),
    ...deploymentCalls(shift, codedeploy),
    ...changeCalls(shift, codedeploy),
    close: () => {
      lambda.destroy();
      codedeploy.destroy();
    },
  };
}

function aliasCalls(shift: TrafficShift, lambda: LambdaClient): Pick<TrafficClient, "alias" | "clearWeights"> {
  const named = { FunctionName: shift.function, Name: shift.alias };
  const read = async () => {
    const { GetAliasCommand } = await import("@aws-sdk/client-lambda");
    return lambda.send(new GetAliasCommand(named));
  };
  return {
    alias: async () => {
      const { FunctionVersion = "", RoutingConfig } = await read();
      return { version: FunctionVersion, weights: RoutingConfig?.AdditionalVersionWeights ?? {} };
    },
    clearWeights: async () => {
      const { UpdateAliasCommand } = await import("@aws-sdk/client-lambda");
      const { FunctionVersion, RevisionId } = await read();
      const command = { ...named, FunctionVersion, RevisionId, RoutingConfig: { AdditionalVersionWeights: {} } };
      await lambda.send(new UpdateAliasCommand(command));
    },
  };
}

const groupOf = ({ application, deploymentGroup }: TrafficShift) => ({
  applicationName: application,
  deploymentGroupName: deploymentGroup,
});

function deploymentCalls(
  shift: TrafficShift,
  codedeploy: CodeDeployClient,
): Pick<TrafficClient, "running" | "deployment" | "alarmNames" | "failedEvents"> {
  const deployment = async (id: string) => {
    const { GetDeploymentCommand } = await import("@aws-sdk/client-codedeploy");
    const { deploymentInfo } = await codedeploy.send(new GetDeploymentCommand({ deploymentId: id }));
    return stateOf(id, deploymentInfo);
  };
  return {
    deployment,
    running: async () => {
      const { ListDeploymentsCommand } = await import("@aws-sdk/client-codedeploy");
      const ask = { ...groupOf(shift), includeOnlyStatuses: [...unfinished] };
      const { deployments = [] } = await codedeploy.send(new ListDeploymentsCommand(ask));
      return Promise.all(deployments.map(deployment));
    },
    alarmNames: async () => {
      const { GetDeploymentGroupCommand } = await import("@aws-sdk/client-codedeploy");
      const { deploymentGroupInfo } = await codedeploy.send(new GetDeploymentGroupCommand(groupOf(shift)));
      const { enabled, alarms = [] } = deploymentGroupInfo?.alarmConfiguration ?? {};
      return enabled === true ? alarms.flatMap(({ name }) => name ?? []) : [];
    },
    failedEvents: async (id) => {
      const { GetDeploymentTargetCommand, ListDeploymentTargetsCommand } = await import("@aws-sdk/client-codedeploy");
      const { targetIds = [] } = await codedeploy.send(new ListDeploymentTargetsCommand({ deploymentId: id }));
      const [targetId] = targetIds;
      if (targetId === undefined) return [];
      const ask = new GetDeploymentTargetCommand({ deploymentId: id, targetId });
      const { deploymentTarget } = await codedeploy.send(ask);
      return (deploymentTarget?.lambdaTarget?.lifecycleEvents ?? [])
        .filter(({ status }) => status === "Failed")
        .map(({ lifecycleEventName: name = "", diagnostics }) => ({ name, message: diagnostics?.message ?? "" }));
    },
  };
}

function stateOf(id: string, info: DeploymentInfo | undefined): DeploymentState {
  const { revision, errorInformation: error } = info ?? {};
  return {
    id,
    status: info?.status ?? "Created",
    creator: info?.creator ?? "user",
    config: info?.deploymentConfigName ?? "",
    // Older deployments carry what they were told in the other of the two.
    to: targetOf(revision?.appSpecContent?.content ?? revision?.string?.content),
    createdAt: info?.createTime,
    error: error && { code: error.code ?? "", message: error.message ?? "" },
    rollback: info?.rollbackInfo?.rollbackDeploymentId,
  };
}

function changeCalls(shift: TrafficShift, codedeploy: CodeDeployClient): Pick<TrafficClient, "start" | "stop"> {
  return {
    start: async (from, manner, description) => {
      const { CreateDeploymentCommand } = await import("@aws-sdk/client-codedeploy");
      const back = manner === "at-once";
      const command = new CreateDeploymentCommand({
        ...groupOf(shift),
        description,
        revision: { revisionType: "AppSpecContent", appSpecContent: appSpec(shift, from, { hooks: !back }) },
        // An alarm still rings for what is left behind: it must not hold up the way back.
        ...(back && { deploymentConfigName: allAtOnce, overrideAlarmConfiguration: { enabled: false } }),
      });
      try {
        return (await codedeploy.send(command)).deploymentId ?? "";
      } catch (error) {
        if ((error as Error).name === "DeploymentLimitExceededException") return undefined;
        throw error;
      }
    },
    stop: async (id) => {
      const { StopDeploymentCommand } = await import("@aws-sdk/client-codedeploy");
      try {
        await codedeploy.send(new StopDeploymentCommand({ deploymentId: id, autoRollbackEnabled: true }));
      } catch (error) {
        // It came to its end meanwhile.
        if ((error as Error).name !== "DeploymentAlreadyCompletedException") throw error;
      }
    },
  };
}
