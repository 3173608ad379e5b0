import { inSession, refuseBypass } from "../deploy/deploy.ts";
import { handedProcessor, handOverByHand, versionToGoBackTo, withFiles } from "../deploy/streams/by-hand.ts";
import type { HandoverOptions, HandoverResult } from "../deploy/streams/handover.ts";
import { paceFor } from "../deploy/streams/pace.ts";
import { handoverRecords } from "../deploy/streams/state.ts";
import { optionsFor } from "../deploy/streams/streams.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { handoverJson, handoverText } from "../report/streams-handover.ts";
import { openStreams, type StreamsOfStack } from "../streams/place.ts";
import { folderOf, readStreamFolder } from "../streams/project.ts";
import { done, flag, text, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";
import { askFirst } from "./up.ts";

type Options = Record<string, unknown>;
type Action = "blue-green" | "canary" | "rollback";

/** `streams blue-green`: hands processors over with a trial on all documents beside what runs. */
export const blueGreen = forward("blue-green");

/** `streams canary`: the same with a trial on a share of the documents. */
export const canary = forward("canary");

/** `streams rollback`: starts the version before, or one that is named, from its checkpoint, and stops what runs. */
export async function rollback(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const { opened, names } = await openNamed(context, args, "rollback");
  const { outputs, client, stack, workspace } = opened;
  const asked = text(options, "to");
  if (asked !== undefined && names.length > 1)
    throw new SlipwayError(ExitCode.usage, "--to names a version of one processor.", {
      where: names.join(", "),
      next: "Name one processor.",
    });
  const records = handoverRecords(workspace.store, stack);
  const pace = paceFor(workspace.sandbox !== undefined);
  const seen = await client.processors();
  const all: HandoverOptions[] = [];
  for (const name of names) {
    const output = handedProcessor(stack, outputs, name);
    const target = versionToGoBackTo(await records.read(name), seen, asked);
    const own = optionsFor({ context }, client, { name, output, trial: false, records, seen }, pace);
    const wanted = { ...own.wanted, version: target.name, state: "STARTED" as const, tier: target.tier };
    all.push({ ...own, wanted });
  }
  return run(context, opened, { action: "rollback", all, options });
}

function forward(action: Exclude<Action, "rollback">) {
  return async (context: Context, args: readonly string[], options: Options): Promise<CommandResult> => {
    const { opened, names } = await openNamed(context, args, action);
    const { outputs, client, stack, workspace } = opened;
    const folder = text(options, "folder");
    // What stands in files only has passed no gate.
    if (folder !== undefined) refuseBypass(workspace, stack);
    const project = folder === undefined ? undefined : (await readStreamFolder(folderOf(context.root, folder))).project;
    const records = handoverRecords(workspace.store, stack);
    const seen = await client.processors();
    const pace = { ...paceFor(workspace.sandbox !== undefined), ...shareOf(options, action) };
    const all = names.map((name) => {
      const deployed = { ...handedProcessor(stack, outputs, name), rollout: action };
      const output = project === undefined ? deployed : withFiles(deployed, project, name);
      return optionsFor({ context }, client, { name, output, trial: true, records, seen }, pace);
    });
    return run(context, opened, { action, all, options });
  };
}

/** `--percent`, of a canary. */
function shareOf(options: Options, action: Action): { canaryPercent?: number } {
  const percent = count(options, "percent");
  if (percent === undefined) return {};
  if (action === "canary" && percent < 100) return { canaryPercent: percent };
  throw new SlipwayError(ExitCode.usage, `--percent: got ${percent}, expected 1 to 99, and only of a canary.`, {
    next: "./slipway streams blue-green gives the trial everything.",
  });
}

async function openNamed(
  context: Context,
  [environment, ...names]: readonly string[],
  action: Action,
): Promise<{ opened: StreamsOfStack; names: string[] }> {
  const opened = await openStreams(context, environment);
  if (names.length > 0) return { opened, names: [...new Set(names)] };
  throw new SlipwayError(ExitCode.usage, `Which processor? ${action} takes the names of some.`, {
    next: `./slipway streams ${action} ${opened.stack} <processor>`,
  });
}

interface Work {
  action: Action;
  all: readonly HandoverOptions[];
  options: Options;
}

async function run(context: Context, opened: StreamsOfStack, { action, all, options }: Work): Promise<CommandResult> {
  const { workspace, stack, client } = opened;
  await askFirst(context, stack, flag(options, "yes"));
  const verb = `streams ${action}`;
  const results = await inSession(
    context,
    workspace,
    { verb, stack, release: undefined },
    (session): Promise<HandoverResult[]> => {
      const { signal } = session.context;
      return handOverByHand(
        session,
        verb,
        client,
        all.map((one) => ({ ...one, signal })),
      );
    },
  );
  const report = { action, environment: stack, place: client.place, simulated: context.sandbox, results };
  return done(handoverJson(report), handoverText(context.console, report).join("\n"));
}
