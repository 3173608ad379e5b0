import { writeLogs, writeTraces } from "../../data/grants.ts";
import { arnOf } from "../../data/state-machine/names.ts";
import type { Statement } from "../../shared/iam.ts";
import { partitionOf } from "../../shared/naming.ts";
import {
  type InferenceFunctionName,
  type InferenceScope,
  alarmName,
  deploymentGroupArn,
  functionArn,
  inferenceLogGroup,
  liveAlias,
  registryBucketArn,
} from "./inference-scope.ts";

const logs = (scope: InferenceScope, name: InferenceFunctionName) =>
  writeLogs([arnOf(scope, "logs", `log-group:${inferenceLogGroup(scope, name)}`)]);

/** The key of the registry, but only for what S3 reads with it. */
function readWithKey(scope: InferenceScope): Statement {
  const suffix = partitionOf(scope.region) === "aws-cn" ? ".cn" : "";
  return {
    sid: "UseKey",
    actions: ["kms:Decrypt"],
    resources: [scope.keyArn],
    conditions: { StringEquals: { "kms:ViaService": [`s3.${scope.region}.amazonaws.com${suffix}`] } },
  };
}

/** All that the function behind the API may do: read the registry, and ask the endpoint where there is one. */
export function modelsApiStatements(scope: InferenceScope): Statement[] {
  const { registry, endpoint } = scope;
  const bucket = registryBucketArn(scope);
  const ask: Statement[] =
    endpoint === undefined
      ? []
      : [
          {
            sid: "AskEndpoint",
            actions: ["sagemaker:InvokeEndpoint"],
            resources: [arnOf(scope, "sagemaker", `endpoint/${endpoint}`)],
          },
        ];
  return [
    { sid: "ReadRegistry", actions: ["s3:GetObject"], resources: [`${bucket}/${registry.folder}/index.json`] },
    {
      // S3 says "forbidden" instead of "not found" to who may not list, and that check carries no prefix.
      sid: "ListRegistry",
      actions: ["s3:ListBucket"],
      resources: [bucket],
      conditions: { StringLikeIfExists: { "s3:prefix": [`${registry.folder}/*`] } },
    },
    readWithKey(scope),
    ...ask,
    logs(scope, "models_api"),
    writeTraces(),
  ];
}

/** All that a hook may do: find out which version is to come, ask it, and report what came out of that. */
export function hookStatements(scope: InferenceScope, name: InferenceFunctionName): Statement[] {
  return [
    {
      sid: "AskVersions",
      actions: ["lambda:InvokeFunction"],
      resources: [`${functionArn(scope, "models_api")}:*`],
    },
    { sid: "ReadDeployment", actions: ["codedeploy:GetDeployment"], resources: [deploymentGroupArn(scope)] },
    {
      sid: "ReportToDeployment",
      actions: ["codedeploy:PutLifecycleEventHookExecutionStatus"],
      resources: ["*"],
      wildcardReason: "the call has no resource, and takes nothing without the id that a deployment gave its own hook",
    },
    {
      sid: "ReadAlias",
      actions: ["lambda:GetAlias"],
      resources: [functionArn(scope, "models_api"), `${functionArn(scope, "models_api")}:${liveAlias}`],
    },
    logs(scope, name),
    writeTraces(),
  ];
}

/** All that CodeDeploy may do on the way: move this alias, ask the hooks, look at these alarms. */
export function shiftStatements(scope: InferenceScope, alarms: readonly string[]): Statement[] {
  const target = functionArn(scope, "models_api");
  return [
    {
      sid: "MoveAlias",
      actions: ["lambda:GetAlias", "lambda:UpdateAlias"],
      resources: [target, `${target}:${liveAlias}`],
    },
    {
      // Warm instances move with the alias, where it has some.
      sid: "ReadProvisionedConcurrency",
      actions: ["lambda:GetProvisionedConcurrencyConfig"],
      resources: [`${target}:*`],
    },
    {
      sid: "AskHooks",
      actions: ["lambda:InvokeFunction"],
      resources: (["traffic_hook_before", "traffic_hook_after"] as const).flatMap((hook) => [
        functionArn(scope, hook),
        `${functionArn(scope, hook)}:*`,
      ]),
    },
    {
      sid: "WatchAlarms",
      actions: ["cloudwatch:DescribeAlarms"],
      resources: alarms.map((key) => arnOf(scope, "cloudwatch", `alarm:${alarmName(scope, key)}`)),
    },
  ];
}
