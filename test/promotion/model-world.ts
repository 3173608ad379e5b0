import { lastVerified } from "../../automation/promotion/folds.ts";
import { decideGates, refusals, type Gate, type GateDecision } from "../../automation/promotion/gates.ts";
import { applyOverride, overriddenGates } from "../../automation/promotion/gates/override.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { noArtifacts } from "../../automation/release/manifest.ts";
import type { EnvironmentPolicy } from "../../config/promotion.ts";
import { commitOf, releaseOf } from "./entries.ts";
import {
  approved,
  destroyed,
  dev,
  failed,
  HOUR,
  lifted,
  prod,
  promoted,
  rolledBack,
  staging,
  verified,
} from "./gate-facts.ts";

export type Name = "dev" | "staging" | "prod";

/** What people, workflows and clocks do. `n` is a release. */
export type Command =
  | { do: "build"; n: number }
  | { do: "up"; n: number; works: boolean }
  | {
      do: "promote";
      to: "staging" | "prod";
      n: number;
      works: boolean;
      automatic: boolean;
      override: string[] | "all" | "none";
    }
  | { do: "verify"; in: Name; works: boolean }
  | { do: "rollback"; in: Name }
  | { do: "freeze" | "lift" | "destroy"; in: Name }
  | { do: "approve"; n: number; by: string }
  | { do: "wait" | "clock-back"; hours: number };

export const SOAK = 2 * HOUR;

const policies: Record<Name, EnvironmentPolicy> = {
  dev,
  staging: { ...staging, automatic: true },
  prod: { ...prod, automatic: true, soak: SOAK, approvals: { count: 1, notSelf: true } },
};
const before = { dev: undefined, staging: "dev", prod: "staging" } as const;

/** What really happened, kept without any ledger: by a clock that is always right, and by what was seen to work. */
class Truth {
  time = Date.UTC(2026, 0, 5);
  clockWentBack = false;
  readonly works: Record<Name, Map<number, boolean>> = { dev: new Map(), staging: new Map(), prod: new Map() };
  readonly frozen = new Set<Name>();
  readonly held = new Set<Name>();
  readonly agreed = new Set<number>();
  readonly #stands: Partial<Record<Name, { n: number; since: number }>> = {};
  readonly #stays: { at: Name; n: number; length: number }[] = [];

  stands(at: Name, n: number | undefined): void {
    const stay = this.#stands[at];
    if (stay?.n === n && n !== undefined) return;
    if (stay !== undefined) this.#stays.push({ at, n: stay.n, length: this.time - stay.since });
    if (n === undefined) delete this.#stands[at];
    else this.#stands[at] = { n, since: this.time };
  }

  standing = (at: Name): number | undefined => this.#stands[at]?.n;

  verdict(at: Name, n: number, works: boolean): void {
    this.works[at].set(n, works);
    if (!works && at !== "dev") this.agreed.delete(n);
  }

  longestStay(at: Name, n: number): number {
    const stay = this.#stands[at];
    const current = stay?.n === n ? this.time - stay.since : 0;
    return Math.max(current, ...this.#stays.filter((one) => one.at === at && one.n === n).map(({ length }) => length));
  }
}

/** A promotion that was let through or refused, with what the truth has against it. */
export interface Judgement {
  command: Command & { do: "promote" };
  decisions: GateDecision[];
  let: boolean;
  /** Gates that should refuse. */
  against: string[];
  /** The record before the promotion, where it was let through. */
  preceding: LedgerRecord | undefined;
}

/** Three environments with ledgers in memory, driven by commands; `gates` may leave some out to see that this is noticed. */
export class World {
  readonly ledgers: Record<Name, LedgerRecord[]> = { dev: [], staging: [], prod: [] };
  readonly truth = new Truth();
  readonly judgements: Judgement[] = [];
  readonly #built = new Set<number>();
  readonly #gates: readonly Gate[];
  #clock = this.truth.time;

  constructor(gates: readonly Gate[]) {
    this.#gates = gates;
  }

  run(command: Command): void {
    switch (command.do) {
      case "build":
        this.#built.add(command.n);
        break;
      case "up":
        this.#deploy("dev", command.n, command.works, "up");
        break;
      case "promote":
        this.#promote(command);
        break;
      case "approve":
        this.#write("prod", approved(command.by, command.n, undefined, this.ledgers.staging.length));
        if (command.by !== "ada") this.truth.agreed.add(command.n);
        break;
      case "wait":
        this.truth.time += command.hours * HOUR;
        this.#clock += command.hours * HOUR;
        break;
      case "clock-back":
        this.#clock -= command.hours * HOUR;
        this.truth.clockWentBack = true;
        break;
      default:
        this.#tend(command);
    }
  }

  #tend(command: Extract<Command, { in: Name }>): void {
    const at = command.in;
    const standing = this.truth.standing(at);
    if (command.do === "freeze") {
      this.#write(at, { kind: "frozen", by: "ada", active: true, reason: "year end" });
      this.truth.frozen.add(at);
    } else if (command.do === "lift") {
      this.#write(at, lifted);
      this.truth.frozen.delete(at);
      this.truth.held.delete(at);
    } else if (command.do === "destroy") {
      this.#write(at, destroyed);
      this.truth.stands(at, undefined);
    } else if (command.do === "rollback") this.#rollBack(at);
    else if (command.do === "verify" && standing !== undefined) this.#verify(at, standing, command.works);
  }

  #deploy(at: Name, n: number, works: boolean, verb: string): void {
    this.#write(at, promoted(n, verb));
    this.truth.stands(at, n);
    this.#verify(at, n, works);
    if (works && verb === "promote") this.truth.held.delete(at);
    if (!works && policies[at].rollbackOnFailure) this.#rollBack(at);
  }

  #verify(at: Name, n: number, works: boolean): void {
    this.#write(at, works ? verified(n) : failed(n));
    this.truth.verdict(at, n, works);
  }

  #rollBack(at: Name): void {
    const from = this.truth.standing(at);
    const target = lastVerified(this.ledgers[at])?.release;
    const n = target === undefined ? undefined : Number.parseInt(target, 16);
    if (from === undefined || n === undefined || n === from) return;
    this.#write(at, rolledBack(n, from));
    this.truth.stands(at, n);
    this.truth.held.add(at);
    if (at !== "dev") this.truth.agreed.delete(from);
    this.#verify(at, n, true);
  }

  #promote(command: Command & { do: "promote" }): void {
    const { to, n, works, override } = command;
    const against = this.#against(command);
    const request =
      override === "none"
        ? undefined
        : { reason: "checkout is down, INC-42", ...(override === "all" ? {} : { gates: override }) };
    const decisions = applyOverride(decideGates(this.#facts(command), this.#gates), request);
    const passes = refusals(decisions).length === 0;
    const overridden = overriddenGates(decisions);
    if (passes && overridden.length > 0)
      this.#write(to, { kind: "overridden", by: "ada", release: releaseOf(n), gates: overridden, reason: "INC-42" });
    this.judgements.push({ command, decisions, let: passes, against, preceding: this.ledgers[to].at(-1) });
    if (passes) this.#deploy(to, n, works, "promote");
  }

  #facts({ to, n, automatic }: Command & { do: "promote" }) {
    const upstream = before[to];
    const release = {
      schema: 1 as const,
      id: releaseOf(n),
      commit: commitOf(n),
      tree: commitOf(n),
      program: `sha256:${releaseOf(n)}`,
      artifacts: noArtifacts(),
      createdAt: new Date(Date.UTC(2020, 0)).toISOString(),
    };
    return {
      now: new Date(this.#clock),
      environment: policies[to],
      records: this.ledgers[to],
      commit: commitOf(n),
      promoter: "ada",
      automatic,
      release: this.#built.has(n) ? release : undefined,
      dirtyFiles: [],
      upstream: upstream && { policy: policies[upstream], records: this.ledgers[upstream] },
    };
  }

  #against({ to, n, automatic }: Command & { do: "promote" }): string[] {
    const { truth } = this;
    const built = this.#built.has(n);
    const isProd = to === "prod";
    const refused: [string, boolean][] = [
      ["release", !built],
      ["lineage", !built || truth.works[before[to]].get(n) !== true],
      ["soak", isProd && (!built || truth.longestStay("staging", n) < SOAK)],
      ["approvals", isProd && (!built || !truth.agreed.has(n))],
      ["automatic", automatic && truth.held.has(to)],
      ["freeze", truth.frozen.has(to)],
    ];
    return refused.filter(([, refuses]) => refuses).map(([gate]) => gate);
  }

  #write(at: Name, entry: LedgerEntry): void {
    this.ledgers[at].push(nextRecord(at, this.ledgers[at].at(-1), entry, new Date(this.#clock)));
  }
}
