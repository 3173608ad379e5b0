import type { StackOutputs } from "../../config/outputs.ts";
import type { Context } from "../context.ts";
import type { RunSummary } from "../engine/summary.ts";
import type { LedgerEntry, RecordOf } from "../promotion/ledger-records.ts";
import type { BoundPlan } from "../plans/bind.ts";
import type { Release } from "../release/manifest.ts";
import type { CheckResult } from "../verify/check-kind.ts";
import type { Workspace } from "../workspace.ts";
import type { OnEngine } from "./lease.ts";

/** What somebody wants to stand in a stack. */
export interface DeployRequest {
  verb: "up" | "promote" | "rollback" | "drift --repair";
  stack: string;
  /** The checkout or worktree whose program runs. */
  workDir: string;
  /** Absent when the working tree itself is deployed: then nothing is promoted from here. */
  release: Release | undefined;
  /** The commit that is deployed where nothing of a release is needed, as for the operations account. */
  commit?: string;
  create: boolean;
  verify: boolean;
  targets?: string[];
  timeoutMs?: number;
  /** A saved plan that this must keep to. */
  plan?: BoundPlan;
  /**
   * `ask` holds the run to the policy pack, and asks it before anything is changed; `asked` means that a gate has asked already, `waived`
   * that somebody goes on past what it said. Defaults to `waived`: what goes back to an earlier release must not be stopped by a newer rule.
   */
  policy?: "ask" | "asked" | "waived";
  /** Read what is really there first, and put right what differs. */
  refresh?: boolean;
  /** Asked by the holder of the environment before the engine starts; throws to leave everything as it is. */
  beforeChange?: () => Promise<void>;
  /** Asked before a verdict is recorded; the answer becomes part of the record. */
  beforeVerdict?: () => Promise<Pick<RecordOf<"verified">, "tagMovedOn">>;
}

/** Why and from where an environment goes back. */
export interface RollbackCause {
  /** The release that is left; undefined for a working tree. */
  from: string | undefined;
  reason: string;
}

export interface DeployReport {
  stack: string;
  release: Release | undefined;
  summary: RunSummary;
  outputs: StackOutputs;
  checks: CheckResult[];
  /** False when everything stood already and the ledger has nothing to add. */
  recorded: boolean;
  seconds: number;
}

/** One holder's time with an environment: everything recorded in it is recorded in its name. */
export interface Session {
  context: Context;
  workspace: Workspace;
  stack: string;
  by: string;
  onEngine: OnEngine;
  record(entry: LedgerEntry): Promise<unknown>;
}
