import type { EnvironmentPolicy } from "../../config/promotion.ts";
import type { Release } from "../release/manifest.ts";
import { isVerified } from "./folds.ts";
import type { LedgerRecord } from "./ledger-records.ts";

/** Everything that gates may look at, collected before the first of them is asked. */
export interface GateFacts {
  /** The environment that is to get the release. */
  environment: EnvironmentPolicy;
  commit: string;
  /** Release of the commit; undefined where none was built. */
  release: Release | undefined;
  /** Files of the caller's checkout that differ from its commit. */
  dirtyFiles: readonly string[];
  /** The environment that comes before, with its ledger; undefined where none does. */
  upstream: { policy: EnvironmentPolicy; records: readonly LedgerRecord[] } | undefined;
}

export interface GateDecision {
  gate: string;
  verdict: "pass" | "refuse";
  /** Why, for a person. */
  reason: string;
  /** What to type so that it passes. */
  next?: string;
}

/** A gate decides from facts alone: no clock, no files, no network. */
export interface Gate {
  name: string;
  decide(facts: GateFacts): Omit<GateDecision, "gate">;
}

const SHOWN_FILES = 3;

const releaseExists: Gate = {
  name: "release",
  decide: ({ commit, release }) =>
    release === undefined
      ? {
          verdict: "refuse",
          reason: `commit ${short(commit)} has no release`,
          next: `slipway build --commit ${commit}`,
        }
      : { verdict: "pass", reason: `commit ${short(commit)} has release ${short(release.id)}` },
};

const cleanTree: Gate = {
  name: "clean-tree",
  decide: ({ dirtyFiles }) => {
    if (dirtyFiles.length === 0) return { verdict: "pass", reason: "the checkout has no changes that no commit holds" };
    const more = dirtyFiles.length > SHOWN_FILES ? ` and ${dirtyFiles.length - SHOWN_FILES} more` : "";
    const files = dirtyFiles.slice(0, SHOWN_FILES).map((file) => JSON.stringify(file));
    return {
      verdict: "refuse",
      reason: `the checkout has changes that no commit holds: ${files.join(", ")}${more}`,
      next: "git stash --include-untracked",
    };
  },
};

const lineage: Gate = {
  name: "lineage",
  decide: ({ environment, release, upstream }) => {
    if (environment.upstream === undefined)
      return { verdict: "pass", reason: `${environment.name} is the first environment` };
    const before = environment.upstream;
    if (release === undefined) {
      return { verdict: "refuse", reason: `without a release there is nothing that ${before} could have verified` };
    }
    if (upstream?.policy.name === before && isVerified(upstream.records, release.id)) {
      return { verdict: "pass", reason: `${before} has verified release ${short(release.id)}` };
    }
    // An environment without tags follows what is deployed by hand.
    const step =
      upstream !== undefined && upstream.policy.tags.length === 0
        ? `slipway up ${before}`
        : `slipway promote ${before} --commit ${release.commit}`;
    return { verdict: "refuse", reason: `${before} has not verified release ${short(release.id)}`, next: step };
  },
};

/** The gates of a promotion, in the order in which a person clears them. */
export const PROMOTION_GATES: readonly Gate[] = [cleanTree, releaseExists, lineage];

/** Asks every gate, so that a person sees all that is missing at once. */
export function decideGates(facts: GateFacts, gates: readonly Gate[] = PROMOTION_GATES): GateDecision[] {
  return gates.map((gate) => ({ gate: gate.name, ...gate.decide(facts) }));
}

/** The decisions that stand in the way. */
export function refusals(decisions: readonly GateDecision[]): GateDecision[] {
  return decisions.filter((decision) => decision.verdict === "refuse");
}

function short(id: string): string {
  return id.slice(0, 12);
}
