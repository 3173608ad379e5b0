import { join } from "node:path";
import type { Context } from "../../context.ts";
import type { RunReport } from "../../report/model-run.ts";
import type { Workspace } from "../../workspace.ts";
import { withCloud } from "./cloud.ts";
import { runLocally, type RunWish } from "./execute.ts";
import type { RunPlace } from "./place.ts";
import { modelPython } from "./python.ts";

/** Runs the pipeline of a place and tells what came of it. */
export async function runInPlace(
  context: Context,
  place: RunPlace,
  wish: RunWish,
  environment: Context["environment"] = context.environment,
): Promise<RunReport> {
  const { root, console } = context;
  const python = await modelPython({ root, environment, say: (line) => console.info(line) });
  const { registered, execution, input, steps, logs, seconds } = await runLocally(context, place, python, wish);
  const version = registered?.version;
  const uri = version?.artifact.uri;
  const { registry } = place;
  return {
    ...{ environment: place.environment, mode: "local", execution, input, steps, version, logs, seconds },
    artifact: uri === undefined || uri.startsWith("s3:") ? uri : join(registry.location, uri),
    created: registered?.created ?? false,
    registry: registry.location,
    visible: version === undefined || (await registry.visible(version, context.signal)),
  };
}

/** Runs the pipeline of an environment of the sandbox. @throws SlipwayError where that is only simulated. */
export async function runInSandbox(
  context: Context,
  workspace: Workspace,
  environment: string,
  wish: RunWish,
): Promise<RunReport> {
  const { sandbox } = workspace;
  if (sandbox === undefined) throw new Error("the workspace was opened without its sandbox");
  return withCloud(context, workspace, environment, async (access) => {
    const { sandboxPlace } = await import("./sandbox-place.ts");
    return runInPlace(context, sandboxPlace(sandbox, access), wish, workspace.environment);
  });
}
