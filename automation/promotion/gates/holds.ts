import { ExitCode } from "../../errors.ts";
import { duration, moment } from "../../report/time.ts";
import type { LedgerRecord, RecordOf } from "../ledger-records.ts";
import { windowState, zonedMoment } from "../windows.ts";
import { gate, pass, refuse, short, type Gate } from "./gate.ts";

/**
 * Freezes that hold now, oldest first. A later one does not end an earlier one: only its own end does, or setting the environment
 * free.
 */
export function activeFreezes(records: readonly LedgerRecord[], now: Date): RecordOf<"frozen">[] {
  const lifted = records.findLastIndex((record) => record.kind === "frozen" && !record.active);
  return records
    .slice(lifted + 1)
    .filter((record): record is RecordOf<"frozen"> => record.kind === "frozen")
    .filter(({ until }) => until === undefined || Date.parse(until) > now.getTime());
}

/**
 * The rollback after which workflows wait for a person: until somebody lifts the hold, or promotes another release that is then
 * verified.
 */
export function automaticHold(records: readonly LedgerRecord[]): RecordOf<"rolled-back"> | undefined {
  let hold: RecordOf<"rolled-back"> | undefined;
  let promoted: string | undefined;
  for (const record of records) {
    if (record.kind === "rolled-back") [hold, promoted] = [record, undefined];
    else if (record.kind === "frozen" && !record.active) hold = undefined;
    else if (record.kind === "promoted" && record.verb === "promote") promoted = record.release;
    else if (record.kind === "verified" && promoted !== undefined && record.release === promoted) hold = undefined;
  }
  return hold;
}

export const automatic: Gate = gate("automatic", (facts) => {
  const { environment, records } = facts;
  const { name } = environment;
  const hold = automaticHold(records);
  if (!facts.automatic) return pass("a person asks for this promotion");
  if (environment.automatic !== true)
    return refuse(`${name} takes no release without a person who asks for it`, `slipway promote ${name}`);
  if (hold === undefined) return pass(`workflows may promote to ${name}`);
  const reason = `workflows wait since ${name} was rolled back to ${short(hold.release)} on ${moment(hold.at)}: ${hold.reason}`;
  return refuse(reason, `slipway freeze ${name} --lift --reason "<what was found>"`);
});

export const maintenanceWindow: Gate = gate(
  "window",
  ({ environment, now }) => {
    const { windows } = environment;
    if (windows === undefined) return pass("changes may be made at any time");
    const state = windowState(windows, now);
    if (state.open) return pass(`a window is open until ${zonedMoment(state.window.timeZone, state.closesAt)}`);
    if (state.opensAt === undefined || state.window === undefined)
      return refuse("no maintenance window opens within a year", "correct windows in config/promotion.yaml");
    const wait = duration((state.opensAt.getTime() - now.getTime()) / 1000);
    const opens = zonedMoment(state.window.timeZone, state.opensAt);
    return refuse(
      `outside the maintenance windows; the next one opens ${opens}, in ${wait}`,
      `wait until ${state.opensAt.toISOString()}, then run the same command again`,
    );
  },
  { exitCode: ExitCode.outsideWindow },
);

export const freeze: Gate = gate(
  "freeze",
  ({ environment, records, now }) => {
    const active = activeFreezes(records, now);
    if (active.length === 0) return pass(`${environment.name} is not frozen`);
    const told = active.map(({ by, reason, until, at }) => {
      const end = until === undefined ? "until somebody lifts it" : `until ${moment(until)}`;
      return `frozen by ${by} on ${moment(at)}, ${end}: ${reason}`;
    });
    return refuse(told.join("; "), `slipway freeze ${environment.name} --lift --reason "<why it is over>"`);
  },
  { exitCode: ExitCode.frozen },
);
