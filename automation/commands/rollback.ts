import type { Context } from "../context.ts";
import { rollback } from "../deploy/deploy.ts";
import { pointTag } from "../deploy/tag.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentRelease, lastVerified } from "../promotion/folds.ts";
import { readLedger } from "../promotion/ledger.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { loadRelease } from "../release/releases.ts";
import { deployJson, deployText } from "../report/deployment.ts";
import { knownStack, openWorkspace } from "../workspace.ts";
import { done, flag, text, type CommandResult } from "./result.ts";
import { askFirst } from "./up.ts";

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, args[0]);
  const records = await readLedger(workspace.store, stack);
  const from = currentRelease(records)?.release;
  const release = await loadRelease(workspace.store, chooseTarget(stack, records, text(options, "to")));
  await askFirst(context, stack, flag(options, "yes"));
  const remote = text(options, "remote") ?? workspace.policy.remote;
  const reason = text(options, "reason") ?? "asked for by hand";
  const report = await rollback(context, workspace, { stack, release, cause: { from, reason } });
  const environment = workspace.policy.environments.find(({ name }) => name === stack);
  if (environment !== undefined) await pointTag(context, workspace, { environment, remote }, release);
  return done({ from: from ?? null, ...deployJson(report) }, deployText(context.console, report));
}

/** The release asked for, by any unambiguous beginning of its id, or the last verified one that is not there now. */
export function chooseTarget(stack: string, records: readonly LedgerRecord[], asked: string | undefined): string {
  const known = [
    ...new Set(records.flatMap((record) => ("release" in record && record.release ? [record.release] : []))),
  ];
  if (asked !== undefined) {
    const [match, ...others] = known.filter((id) => id.startsWith(asked));
    if (match !== undefined && others.length === 0) return match;
    throw new SlipwayError(
      ExitCode.notFound,
      `${stack} ${others.length > 0 ? "had several releases" : "never had a release"} "${asked}".`,
      {
        where: `ledger of ${stack}`,
        next: `./slipway history ${stack} lists them.`,
      },
    );
  }
  const current = currentRelease(records);
  // What is broken and what stands now are no places to go back to.
  const target = lastVerified(
    records.filter((record) => !("release" in record) || record.release !== current?.release),
  );
  if (target?.release !== undefined) return target.release;
  throw new SlipwayError(ExitCode.notFound, `There is no earlier verified release in ${stack} to go back to.`, {
    where: `ledger of ${stack}`,
    next: `./slipway history ${stack}`,
  });
}
