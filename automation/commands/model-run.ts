import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { withCloud } from "../model/run/cloud.ts";
import { givenParameters } from "../model/run/execute.ts";
import type { LocalProfile } from "../model/run/local-settings.ts";
import { folderPlace } from "../model/run/place.ts";
import { runInPlace, runInSandbox } from "../model/run/reported.ts";
import { runJson, runText, type RunReport } from "../report/model-run.ts";
import { readSettings } from "../stack-settings.ts";
import { knownStack, openWorkspace, type Workspace } from "../workspace.ts";
import { registryFolder } from "./model-options.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";

type Options = Record<string, unknown>;

/**
 * `model run [environment]`: without an environment in folders of the checkout, with one of the sandbox against its lake, S3 and registry,
 * with one of AWS by its own pipeline.
 */
export async function run(
  context: Context,
  [environment]: readonly string[],
  options: Options,
): Promise<CommandResult> {
  refuseIdleOptions(environment, context, options);
  const report = await reportOf(context, environment, options);
  const missed = flag(options, "requireApproved") && report.version?.status !== "Approved";
  return {
    exitCode: missed ? ExitCode.gateRefused : ExitCode.done,
    json: { action: "run", ...runJson(report) },
    text: [
      ...runText(context.console, report),
      ...(missed ? [`the version is not approved (--require-approved): exit code ${ExitCode.gateRefused}`] : []),
    ].join("\n"),
  };
}

const inFolders = (environment: string | undefined, options: Options) =>
  environment === undefined || flag(options, "local");

async function reportOf(context: Context, environment: string | undefined, options: Options): Promise<RunReport> {
  if (inFolders(environment, options)) return runInFolders(context, environment, options);
  const workspace = await openWorkspace(context);
  const named = environment ?? "";
  if (workspace.sandbox === undefined) return runOnAws(context, workspace, named, options);
  return runInSandbox(context, workspace, named, wishOf(named, options));
}

/** An option that would have no effect is a mistake. */
function refuseIdleOptions(environment: string | undefined, { sandbox }: Context, options: Options): void {
  const local = inFolders(environment, options);
  const remote = !local && !sandbox;
  const idle = [...(local ? [] : ["registry"]), ...(remote ? ["data"] : ["attempt", "timeout"])].filter(
    (name) => text(options, name) !== undefined,
  );
  if (remote && options["cache"] === false) idle.push("no-cache");
  if (idle.length === 0) return;
  const where = remote ? "on AWS" : local ? "in local folders" : "in the sandbox";
  throw new SlipwayError(ExitCode.usage, `--${idle.join(", --")}: has no effect ${where}.`, {
    changed: "nothing: no step was started",
    next: "Leave it out; ./slipway model --help says what is for what.",
  });
}

const wishOf = (environment: string | undefined, options: Options) => ({
  data: text(options, "data"),
  parameters: parametersOf(options),
  cache: options["cache"] !== false,
  again: `./slipway model run${environment === undefined ? "" : ` ${environment}`}`,
});

function parametersOf(options: Options) {
  const pairs = options["set"];
  return givenParameters(Array.isArray(pairs) ? pairs.map(String) : [], text(options, "threshold"));
}

async function runInFolders(context: Context, environment: string | undefined, options: Options): Promise<RunReport> {
  const profile = environment === undefined ? undefined : await profileOf(context, environment);
  const wish = wishOf(undefined, options);
  const place = await folderPlace(context, { registry: registryFolder(options), profile });
  return runInPlace(context, place, wish);
}

/** The settings of an environment, for a run that has nothing else of it. */
async function profileOf(context: Context, environment: string): Promise<LocalProfile> {
  const name = knownStack(await openWorkspace(context), environment);
  const settings = await readSettings(context.root, name);
  if ("model" in settings) return settings.model;
  throw new SlipwayError(ExitCode.usage, `${name} has no model pipeline.`, {
    where: `Pulumi.${name}.yaml`,
    next: "Name one of the environments: dev, staging, prod.",
  });
}

async function runOnAws(
  context: Context,
  workspace: Workspace,
  environment: string,
  options: Options,
): Promise<RunReport> {
  const { runRemotely } = await import("../model/run/remote.ts");
  const timeout = count(options, "timeout");
  const wish = {
    parameters: parametersOf(options),
    attempt: count(options, "attempt") ?? 1,
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    again: `./slipway model run ${environment}`,
  };
  return withCloud(context, workspace, environment, async (access) => {
    const { execution, steps, version, started, seconds, snapshot } = await runRemotely(context, access, wish);
    const input = version && { manifest: version.lineage.data, told: `snapshot ${snapshot}` };
    const registry = access.registry.location;
    const artifact = version?.artifact.uri;
    return {
      ...{ environment, mode: "aws", execution, input, steps, version, seconds, registry, artifact },
      created: started,
      visible: version === undefined || (await access.registry.visible(version, context.signal)),
      logs: undefined,
    };
  });
}
