import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type FunctionCode,
  type LambdaClient,
} from "@aws-sdk/client-lambda";

import type { CloudResource } from "../../types/type-spec.ts";
import { block, compact, list, orUndefined, string, text, value } from "./build.ts";
import { zipOf } from "./code.ts";
import type { LiveType } from "./live-type.ts";

const layer: LiveType = {
  ensure: async (clients, resource) => {
    const lambda = await clients.lambda();
    const LayerName = liveLayerName(string(resource, "layerName"), resource.outputs["version"]);
    if ((await newestLayer(lambda, LayerName)) !== undefined) return;
    await lambda.send(new PublishLayerVersionCommand({ LayerName, Content: codeOf(resource) }));
  },
  remove: async (clients, resource) => {
    const lambda = await clients.lambda();
    const LayerName = liveLayerName(string(resource, "layerName"), resource.outputs["version"]);
    const { LayerVersions = [] } = (await orUndefined(lambda.send(new ListLayerVersionsCommand({ LayerName })))) ?? {};
    for (const { Version } of LayerVersions)
      await lambda.send(new DeleteLayerVersionCommand({ LayerName, VersionNumber: Version }));
  },
};

/** A layer of its own per version: the emulator counts versions from one again whenever its state is new. */
function liveLayerName(name: string, version: unknown): string {
  return `${name}-v${String(version)}`;
}

async function newestLayer(lambda: LambdaClient, LayerName: string): Promise<string | undefined> {
  const listed = await orUndefined(lambda.send(new ListLayerVersionsCommand({ LayerName })));
  return listed?.LayerVersions?.[0]?.LayerVersionArn;
}

async function liveLayers(lambda: LambdaClient, resource: CloudResource): Promise<string[]> {
  const arns = list(value(resource, "layers")).map(String);
  return Promise.all(
    arns.map(async (arn) => {
      const [name = "", version = ""] = arn.split(":").slice(-2);
      const found = await newestLayer(lambda, liveLayerName(name, version));
      if (found === undefined) throw new Error(`the layer ${arn} is not in the emulator`);
      return found;
    }),
  );
}

const lambdaFunction: LiveType = {
  ensure: async (clients, resource) => {
    const lambda = await clients.lambda();
    const FunctionName = string(resource, "name");
    const configuration = { FunctionName, ...settingsOf(resource), Layers: await liveLayers(lambda, resource) };
    const existing = await orUndefined(lambda.send(new GetFunctionConfigurationCommand({ FunctionName })));
    if (existing === undefined) {
      await lambda.send(new CreateFunctionCommand({ ...configuration, Code: codeOf(resource) }));
      return;
    }
    if (existing.CodeSha256 !== string(resource, "sourceCodeHash"))
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ...codeOf(resource) }));
    await lambda.send(new UpdateFunctionConfigurationCommand(configuration));
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.lambda()).send(new DeleteFunctionCommand({ FunctionName: string(resource, "name") }))),
};

function settingsOf(resource: CloudResource) {
  const variables = block(block(value(resource, "environment"))["variables"]);
  const number = (property: string) => {
    const found = value(resource, property);
    return typeof found === "number" ? found : undefined;
  };
  return compact({
    Role: string(resource, "role"),
    Runtime: (text(value(resource, "runtime")) ?? "python3.11") as "python3.11",
    Handler: text(value(resource, "handler")),
    Timeout: number("timeout"),
    MemorySize: number("memorySize"),
    Description: text(value(resource, "description")),
    Environment: {
      Variables: Object.fromEntries(Object.entries(variables).map(([name, item]) => [name, String(item)])),
    },
  });
}

function codeOf(resource: CloudResource): FunctionCode {
  const S3Bucket = text(value(resource, "s3Bucket"));
  if (S3Bucket !== undefined) return { S3Bucket, S3Key: string(resource, "s3Key") };
  return { ZipFile: zipOf(resource.inputs["code"]) };
}

const alias: LiveType = {
  ensure: async (clients, resource) => {
    const lambda = await clients.lambda();
    const at = { FunctionName: functionOf(resource), Name: string(resource, "name") };
    // Numbers of versions are the emulator's own; what an alias means is the code that was just brought in.
    const wanted = string(resource, "functionVersion");
    const published = await lambda.send(new PublishVersionCommand({ FunctionName: at.FunctionName }));
    const FunctionVersion = wanted === "$LATEST" ? wanted : published.Version;
    const exists = (await orUndefined(lambda.send(new GetAliasCommand(at)))) !== undefined;
    if (exists) await lambda.send(new UpdateAliasCommand({ ...at, FunctionVersion }));
    else await lambda.send(new CreateAliasCommand({ ...at, FunctionVersion }));
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.lambda()).send(
        new DeleteAliasCommand({ FunctionName: functionOf(resource), Name: string(resource, "name") }),
      ),
    ),
};

const permission: LiveType = {
  ensure: async (clients, resource) => {
    const lambda = await clients.lambda();
    const FunctionName = functionOf(resource, "function");
    const StatementId = string(resource, "statementId") || resource.id;
    await orUndefined(lambda.send(new RemovePermissionCommand({ FunctionName, StatementId })));
    await lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId,
        Action: string(resource, "action"),
        Principal: string(resource, "principal"),
        ...compact({ SourceArn: text(value(resource, "sourceArn")) }),
      }),
    );
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.lambda()).send(
        new RemovePermissionCommand({
          FunctionName: functionOf(resource, "function"),
          StatementId: string(resource, "statementId") || resource.id,
        }),
      ),
    ),
};

/** The name alone of what may be a name, an ARN or a qualified ARN. */
function functionOf(resource: CloudResource, property = "functionName"): string {
  const given = string(resource, property);
  return given.startsWith("arn:") ? (given.split(":")[6] ?? given) : given;
}

export const lambdaTypes: Readonly<Record<string, LiveType>> = {
  "aws:lambda/layerVersion:LayerVersion": layer,
  "aws:lambda/function:Function": lambdaFunction,
  "aws:lambda/alias:Alias": alias,
  "aws:lambda/permission:Permission": permission,
};
