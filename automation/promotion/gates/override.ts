import { suggest } from "../../../config/suggest.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { PROMOTION_GATES } from "../gates.ts";
import type { LedgerRecord, RecordOf } from "../ledger-records.ts";
import type { GateDecision } from "./gate.ts";

/** A person goes on past gates that refuse, and says why. */
export interface OverrideRequest {
  reason: string;
  /** Names of gates; all that refuse and may be overridden where absent. */
  gates?: readonly string[];
}

/** A reason is read months later by somebody who was not there. */
const SHORTEST = 12;
const FEWEST_WORDS = 2;
const FEWEST_LETTERS = 6;

/** Whether a text says something: long enough, words, and not one key held down. */
export function isSubstantial(reason: string): boolean {
  const text = reason.trim();
  const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{P}\p{S}]*/gu) ?? [];
  const letters = new Set(text.toLowerCase().match(/\p{L}|\p{N}/gu));
  return text.length >= SHORTEST && new Set(words).size >= FEWEST_WORDS && letters.size >= FEWEST_LETTERS;
}

/** Refuses a request that could not be recorded in good faith: no reason, unknown gates, gates that nobody may pass. */
export function checkOverride({ reason, gates = [] }: OverrideRequest): void {
  if (!isSubstantial(reason))
    throw usage(
      `--override: got ${JSON.stringify(reason)}, expected a reason that a person can follow later.`,
      '--override "<what is wrong, and why it cannot wait>"',
    );
  const names = PROMOTION_GATES.map(({ name }) => name);
  for (const name of gates) {
    const known = PROMOTION_GATES.find((gate) => gate.name === name);
    if (known === undefined) {
      const near = suggest(name, names);
      const hint = near === undefined ? "" : ` Did you mean ${near}?`;
      throw usage(`--gate: there is no gate ${JSON.stringify(name)}.${hint}`, `Use some of: ${names.join(", ")}.`);
    }
    if (!known.overridable)
      throw usage(`--gate: nobody may override ${name}.`, `Clear it: ./slipway promote --dry-run says how.`);
  }
}

/** The decisions with those overridden that the request is about; what may not be overridden stays refused. */
export function applyOverride(
  decisions: readonly GateDecision[],
  request: OverrideRequest | undefined,
): GateDecision[] {
  if (request === undefined) return [...decisions];
  const { gates } = request;
  const overridable = new Set(PROMOTION_GATES.filter((gate) => gate.overridable).map(({ name }) => name));
  return decisions.map((decision) => {
    const meant = overridable.has(decision.gate) && (gates === undefined || gates.includes(decision.gate));
    if (decision.verdict !== "refuse" || !meant) return decision;
    const { exitCode: _, next: _next, ...rest } = decision;
    return { ...rest, verdict: "overridden" };
  });
}

/** Names of the gates that are passed by override. */
export const overriddenGates = (decisions: readonly GateDecision[]): string[] =>
  decisions.filter(({ verdict }) => verdict === "overridden").map(({ gate }) => gate);

/** The override by which what stands now came there, if one was needed. */
export function overrideOf(
  records: readonly LedgerRecord[],
  current: { release: string | undefined; sequence: number },
): RecordOf<"overridden"> | undefined {
  const before = records.slice(0, Math.max(0, current.sequence - 1));
  const deployed = before.findLastIndex(
    ({ kind }) => kind === "promoted" || kind === "rolled-back" || kind === "destroyed",
  );
  return before
    .slice(deployed + 1)
    .findLast(
      (record): record is RecordOf<"overridden"> => record.kind === "overridden" && record.release === current.release,
    );
}

const usage = (message: string, next: string) => new SlipwayError(ExitCode.usage, message, { next });
