import { resolve } from "node:path";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { withCloud } from "../model/run/cloud.ts";
import { folderRegistry } from "../model/run/place.ts";
import type { ModelRegistry } from "../model/registry/registry.ts";
import { openWorkspace } from "../workspace.ts";
import { text } from "./result.ts";

type Options = Record<string, unknown>;

/** The number of a version from an argument. @throws SlipwayError (usage) */
export function versionNumber(given: string | undefined, what: string): number {
  if (given !== undefined && /^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new SlipwayError(ExitCode.usage, `${what}: got "${given ?? ""}", expected the number of a version.`, {
    next: "./slipway model list shows them.",
  });
}

/** The folder that `--registry` names, against the caller's own folder. */
export function registryFolder(options: Options): string | undefined {
  const given = text(options, "registry");
  return given === undefined ? undefined : resolve(given);
}

/** The registry of an environment, or that of local runs where none is named. */
export async function withRegistry<T>(
  context: Context,
  environment: string | undefined,
  options: Options,
  use: (registry: ModelRegistry) => Promise<T>,
): Promise<T> {
  const folder = registryFolder(options);
  if (environment === undefined) return use(folderRegistry(context.root, folder));
  if (folder !== undefined)
    throw new SlipwayError(ExitCode.usage, "--registry: an environment has its own registry.", {
      where: environment,
      next: "Leave out one of the two.",
    });
  return withCloud(context, await openWorkspace(context), environment, ({ registry }) => use(registry));
}
