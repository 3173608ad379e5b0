import type { EnvironmentPolicy } from "../../../config/promotion.ts";
import { ExitCode } from "../../errors.ts";
import type { Release } from "../../release/manifest.ts";
import type { LedgerRecord } from "../ledger-records.ts";

/** Where the commit stands towards the branches that it has to be on. */
export interface BranchFact {
  /** The first of the wanted branches that holds the commit. */
  holder?: string;
  /** Branches that were looked at, and those that the remote does not have. */
  wanted: readonly string[];
  missing: readonly string[];
  /** Whether history is cut off in this clone, so that an ancestor may not be seen. */
  shallow: boolean;
  /** Whether the remote is the sandbox's own, which nobody pushes branches to. */
  standIn: boolean;
}

/** A tag that somebody pushed to ask for the promotion. */
export interface TagFact {
  name: string;
  /** Commit it names on the remote now. */
  commit: string;
  /** Whether it is a version, which never moves. */
  version: boolean;
  /** Commit that the ledger saw it at first. */
  firstCommit?: string;
  /** What `git verify-tag` said; absent where no signature is asked for. */
  signature?: { valid: boolean; detail: string };
}

/** What a policy pack said of the program; handed in by whoever ran it. */
export interface PolicyFact {
  pack: string;
  passed: boolean;
  /** One line: what was violated, or why it was not asked. */
  detail?: string;
  /** What to type to see more. */
  next?: string;
}

/** Everything that gates may look at, collected before the first of them is asked. */
export interface GateFacts {
  now: Date;
  /** The environment that is to get the release, with its ledger. */
  environment: EnvironmentPolicy;
  records: readonly LedgerRecord[];
  commit: string;
  /** Author of the commit, `Name <e-mail>`. */
  author?: string;
  /** Who promotes. */
  promoter: string;
  /** Whether a workflow promotes without a person having asked for it. */
  automatic: boolean;
  /** Release of the commit; undefined where none was built. */
  release: Release | undefined;
  /** Files of the caller's checkout that differ from its commit. */
  dirtyFiles: readonly string[];
  /** The environment that comes before, with its ledger; undefined where none does. */
  upstream: { policy: EnvironmentPolicy; records: readonly LedgerRecord[] } | undefined;
  /** Absent where the environment takes commits from any branch. */
  branch?: BranchFact;
  tag?: TagFact;
  /** Digest of the saved plan that is to be applied. */
  plan?: string;
  policy?: PolicyFact;
}

export interface GateDecision {
  gate: string;
  /** `overridden`: refused, and somebody with a recorded reason goes on all the same. */
  verdict: "pass" | "refuse" | "overridden";
  /** Why, for a person. */
  reason: string;
  /** What to type so that it passes. */
  next?: string;
  /** What a command ends with that this gate stops; only with `refuse`. */
  exitCode?: ExitCode;
}

export type Decision = { verdict: "pass" | "refuse"; reason: string; next?: string };

/** A gate decides from facts alone: no clock, no files, no network. */
export interface Gate {
  name: string;
  exitCode: ExitCode;
  /** Whether a person with a reason may go on past a refusal. */
  overridable: boolean;
  decide(facts: GateFacts): Decision;
}

export const pass = (reason: string): Decision => ({ verdict: "pass", reason });

export const refuse = (reason: string, next?: string): Decision => ({
  verdict: "refuse",
  reason,
  ...(next === undefined ? {} : { next }),
});

/** A gate that ends with the common code and that a person may override. */
export const gate = (name: string, decide: Gate["decide"], rest: Partial<Gate> = {}): Gate => ({
  name,
  exitCode: ExitCode.gateRefused,
  overridable: true,
  decide,
  ...rest,
});

export const short = (id: string): string => id.slice(0, 12);

/** How to bring a release to an environment: the first one takes what is deployed by hand. */
export function stepTo({ name, upstream, tags }: EnvironmentPolicy, commit: string): string {
  return upstream === undefined && tags.length === 0
    ? `slipway up ${name}`
    : `slipway promote ${name} --commit ${commit}`;
}
