import type { StreamsOutputs } from "../../config/streams-outputs.ts";
import { spanOf } from "../../streams/engine/simulator/windows/duration.ts";
import { limitsProject } from "../streams/observe/files.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { AtlasProcessor, AtlasStreams } from "../streams/atlas/types.ts";
import { type Limit, limitsOf } from "../streams/observe/thresholds.ts";
import { asked, subjectsOf, type Subject } from "../streams/observe/subjects.ts";
import { clientFor, openStreams } from "../streams/place.ts";
import { folderOf } from "../streams/project.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { text } from "./result.ts";

type Options = Record<string, unknown>;

/** A workspace of Atlas that is looked at: that of an environment, or one that is named. */
export interface Observed {
  workspace: Workspace;
  /** Whose records and limits count; undefined where only a workspace was named. */
  environment: string | undefined;
  /** What was deployed there; undefined where only a workspace was named. */
  outputs: StreamsOutputs | undefined;
  client: AtlasStreams;
  /** Processors that were asked for. */
  names: readonly string[];
  /** It is the sandbox's own. */
  simulated: boolean;
}

/**
 * `<environment> [processors...]`, or `--project` and `--workspace` with processors alone; `--environment` then says whose keys and limits
 * count.
 */
export async function openObserved(context: Context, args: readonly string[], options: Options): Promise<Observed> {
  const [projectId, name] = [text(options, "project"), text(options, "workspace")];
  const simulated = context.sandbox;
  if (simulated) context.console.debug("Atlas is the sandbox's own: processors run in the simulator");
  if (projectId === undefined && name === undefined) {
    const [environment, ...names] = args;
    const opened = patiently(
      context,
      `reading the outputs of ${environment ?? "the stack"}`,
      openStreams(context, environment),
    );
    const { workspace, stack, outputs, client } = await opened;
    return { workspace, environment: stack, outputs, client, names, simulated };
  }
  if (projectId === undefined || name === undefined)
    throw new SlipwayError(ExitCode.usage, "--project and --workspace go together.", {
      where: projectId === undefined ? "--project" : "--workspace",
      next: "Give both, or name an environment: ./slipway streams status <environment>",
    });
  const workspace = await openWorkspace(context);
  const environment = text(options, "environment");
  const client = clientFor(context, workspace, environment ?? "", { projectId, workspace: name });
  return { workspace, environment, outputs: undefined, client, names: args, simulated };
}

/** The processors that were asked for, as Atlas shows them. */
export async function observedSubjects(
  context: Pick<Context, "console">,
  { client, outputs, names }: Observed,
): Promise<{ there: AtlasProcessor[]; all: readonly Subject[]; subjects: readonly Subject[] }> {
  const there = await patiently(context, `waiting for ${new URL(client.address).host}`, client.processors());
  const all = subjectsOf(outputs, there);
  return { there, all, subjects: asked(all, names) };
}

const silenceMs = 2000;

/** Work that says what it is once it takes longer than somebody waits without a word. */
async function patiently<T>({ console: { info, colors } }: Pick<Context, "console">, what: string, work: Promise<T>) {
  const timer = setTimeout(() => info(colors.dim(`  .. ${what}`)), silenceMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** The limits of processors: of what was deployed, else of the files and the environment that is named. */
export async function limitsFor(
  context: Context,
  { environment, outputs }: Observed,
  options: Options,
): Promise<(subject: Subject) => Limit[]> {
  if (outputs !== undefined) return ({ wanted }) => limitsOf(wanted?.thresholds, wanted?.expect);
  if (environment === undefined) return () => [];
  const project = await limitsProject(folderOf(context.root, text(options, "folder")), environment);
  return ({ processor }) =>
    limitsOf(project.environments.get(environment)?.thresholds, project.policies.get(processor)?.value.expect);
}

/** A time from an option: seconds, or with units as in `5m`. */
export function span(options: Options, name: string, fallbackMs: number, { zero = false } = {}): number {
  const given = text(
    options,
    name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
  if (given === undefined) return fallbackMs;
  const value = /^\d{1,9}$/.test(given) ? Number(given) * 1000 : spanOf(given);
  if (value !== undefined && (value > 0 || zero)) return value;
  throw new SlipwayError(ExitCode.usage, `--${name}: got "${given}", expected a time such as 30s, 5m or 300.`);
}
