import type { Context } from "../context.ts";
import { environmentNamed } from "../deploy/promotion-target.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentActor } from "../git/identity.ts";
import { announce } from "../notify/announce.ts";
import { activeFreezes, automaticHold } from "../promotion/gates/holds.ts";
import { append, readLedger } from "../promotion/ledger.ts";
import type { LedgerEntry } from "../promotion/ledger-records.ts";
import { moment } from "../report/time.ts";
import { openWorkspace } from "../workspace.ts";
import { done, flag, text, type CommandResult } from "./result.ts";

/** Holds promotion into an environment, or sets it free: frozen by people, or held for workflows after a rollback. */
export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const { name } = environmentNamed(workspace, args[0]);
  const lift = flag(options, "lift");
  const reason = reasonOption(options, name, lift);
  const until = untilOption(options, lift, context.now());
  const by = await currentActor(workspace.root, workspace.environment);
  const records = await readLedger(workspace.store, name);
  const held = activeFreezes(records, context.now()).length > 0 || automaticHold(records) !== undefined;
  if (lift && !held)
    return done({ environment: name, frozen: false, recorded: false }, `${name} was not frozen: nothing changed`);
  const end = until === undefined ? {} : { until };
  const entry: LedgerEntry = { kind: "frozen", by, active: !lift, reason, ...end };
  void announce(context, workspace, await append(workspace.store, name, entry, context.now));
  const told = lift
    ? `promotion into ${name} is free again: ${reason}`
    : `promotion into ${name} is frozen ${until === undefined ? "until somebody lifts it" : `until ${moment(until)}`}: ${reason}`;
  return done({ environment: name, frozen: !lift, reason, until: until ?? null, by, recorded: true }, told);
}

function reasonOption(options: Record<string, unknown>, environment: string, lift: boolean): string {
  const reason = text(options, "reason")?.trim();
  if (reason) return reason;
  throw new SlipwayError(ExitCode.usage, "--reason is missing: whoever is stopped by this wants to know why.", {
    next: `./slipway freeze ${environment}${lift ? " --lift" : ""} --reason "..."`,
  });
}

function untilOption(options: Record<string, unknown>, lift: boolean, now: Date): string | undefined {
  const given = text(options, "until");
  if (given === undefined) return undefined;
  const fail = (why: string) =>
    new SlipwayError(ExitCode.usage, `--until: got ${JSON.stringify(given)}, ${why}.`, {
      next: `--until ${new Date(now.getTime() + 86_400_000).toISOString().slice(0, 16)}Z`,
    });
  if (lift) throw fail("and --lift ends a freeze at once");
  // Without a zone the same text would mean another time on another machine.
  const zoned = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/.test(given);
  const time = zoned ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(time)) throw fail("expected a time with its zone, e.g. 2026-12-24T18:00+01:00");
  if (time <= now.getTime()) throw fail("expected a time that is still to come");
  return new Date(time).toISOString();
}
