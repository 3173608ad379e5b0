/**
 * Functions with their versions.
 *
 * What holds in the emulator (MiniStack 1.5.33):
 * - A published version keeps its own code and settings, and a process of its own runs it. The handler finds the version's number in
 *   `AWS_LAMBDA_FUNCTION_VERSION` and `context.function_version`.
 * - Numbers are given in order and never twice; publishing what did not change since gives the last number again. A version is
 *   therefore published once per number on record, and version N of the record is version N here.
 * - The emulator keeps its versions between starts. One that starts from nothing gets the record's last version, and under the
 *   numbers before it the same code, for the record holds no older one: every number is there, whoever names it.
 * - A function's process inherits the emulator's environment, so what is the same for all functions (addresses of services) is no part
 *   of a version.
 */
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  ListAliasesCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type FunctionConfiguration,
  type LambdaClient,
} from "@aws-sdk/client-lambda";

import type { CloudResource } from "../../types/type-spec.ts";
import { block, compact, orUndefined, string, text, value } from "./build.ts";
import { codeOf, type Code } from "./code.ts";
import { liveLayers } from "./lambda-layer.ts";
import type { LiveType } from "./live-type.ts";

type Settings = ReturnType<typeof settingsOf> & { FunctionName: string; Layers: string[] };

export const lambdaFunction: LiveType = {
  ensure: async (clients, resource) => {
    const lambda = await clients.lambda();
    const FunctionName = string(resource, "name");
    const settings = { FunctionName, ...settingsOf(resource), Layers: await liveLayers(lambda, resource) };
    const code = codeOf(resource);
    await applyLatest(lambda, settings, code);
    const wanted = value(resource, "publish") === true ? Number(string(resource, "version")) : NaN;
    if (!Number.isNaN(wanted)) await publish(lambda, settings, code, wanted);
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

/** Changes only what differs: every change is a revision, and a revision is another version. */
async function applyLatest(lambda: LambdaClient, settings: Settings, { upload, digest }: Code): Promise<void> {
  const { FunctionName } = settings;
  const existing = await configurationOf(lambda, FunctionName);
  if (existing === undefined) {
    await lambda.send(new CreateFunctionCommand({ ...settings, Code: upload }));
    return;
  }
  if (existing.CodeSha256 !== digest) await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ...upload }));
  if (!matches(existing, settings)) await lambda.send(new UpdateFunctionConfigurationCommand(settings));
}

async function configurationOf(
  lambda: LambdaClient,
  FunctionName: string,
  Qualifier?: string,
): Promise<FunctionConfiguration | undefined> {
  return orUndefined(lambda.send(new GetFunctionConfigurationCommand(compact({ FunctionName, Qualifier }))));
}

/** Whether a function has these settings; the emulator leaves out what is empty. */
function matches(found: FunctionConfiguration, settings: Settings): boolean {
  const { Layers, Environment, FunctionName: _, ...plain } = settings;
  const layers = (found.Layers ?? []).map(({ Arn }) => Arn);
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const sorted = (variables: Readonly<Record<string, string>> = {}) => Object.entries(variables).sort();
  return (
    Object.entries(plain).every(([key, item]) => (found[key as keyof FunctionConfiguration] ?? "") === item) &&
    same(layers, Layers) &&
    same(sorted(found.Environment?.Variables), sorted(Environment.Variables))
  );
}

/** Publishes until the number on record is there. */
async function publish(lambda: LambdaClient, settings: Settings, code: Code, wanted: number): Promise<void> {
  const { FunctionName } = settings;
  const latest = await configurationOf(lambda, FunctionName);
  const standing = await configurationOf(lambda, FunctionName, String(wanted));
  if (standing !== undefined && matches(standing, settings) && standing.CodeSha256 === latest?.CodeSha256) return;
  for (;;) {
    const last = Number((await lambda.send(new PublishVersionCommand({ FunctionName }))).Version);
    if (Number.isNaN(last)) throw new Error(`${FunctionName} was published, but no version came back`);
    if (last === wanted && standing === undefined) return;
    if (last < wanted) await lambda.send(new UpdateFunctionConfigurationCommand(settings));
    else return startOver(lambda, settings, code, wanted);
  }
}

/**
 * The emulator has counted further than the record, or has something else under this number: the record began anew, for numbers are
 * never given twice. Aliases are put back.
 */
async function startOver(lambda: LambdaClient, settings: Settings, code: Code, wanted: number): Promise<void> {
  const { FunctionName } = settings;
  const { Aliases = [] } = await lambda.send(new ListAliasesCommand({ FunctionName }));
  await lambda.send(new DeleteFunctionCommand({ FunctionName }));
  await applyLatest(lambda, settings, code);
  await publish(lambda, settings, code, wanted);
  for (const { Name, FunctionVersion = "" } of Aliases) {
    const version = Number(FunctionVersion) > wanted ? String(wanted) : FunctionVersion;
    await lambda.send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion: version }));
  }
}
