import type { DriftLook } from "../drift/look.ts";
import type { EnvironmentMetrics } from "../metrics/four-keys.ts";
import type { GateDecision } from "../promotion/gates.ts";
import type { OperationMarker } from "../promotion/inflight.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";

/** Something that could not be looked at: why, and what to type. */
export interface Problem {
  message: string;
  next?: string;
}

/** How far the engine of a running operation is, as its event log on this machine tells. */
export interface EngineProgress {
  /** "12 created, 3 updated, 40 unchanged". */
  counts: string;
  /** Resources that it is done with. */
  finished: number;
  /** What it works on now, oldest first. */
  active: readonly { op: string; name: string; type: string; startedAt: number }[];
  /** Whether the engine has ended, so that what follows is delivery and verification. */
  ended: boolean;
}

/** What the gates of an environment say of the release that would come next. */
export interface GateAnswer {
  /** Where it stands now. */
  from: string;
  release: string;
  commit: string;
  decisions: readonly GateDecision[];
}

/** Everything that is known of one environment. */
export interface EnvironmentFacts {
  name: string;
  /** Where its releases come from; undefined for the first one and for those that nothing is promoted to. */
  upstream: string | undefined;
  /** Whether releases move through it; what all environments read, such as a registry, is brought up by hand. */
  takesReleases: boolean;
  records: readonly LedgerRecord[];
  /** Why the records are not there. */
  problem?: Problem;
  running?: OperationMarker;
  progress?: EngineProgress;
  /** Undefined where no release waits. */
  gates?: GateAnswer | Problem;
  drift?: DriftLook;
  metrics?: EnvironmentMetrics;
}

/** What a board is made of. */
export interface BoardFacts {
  project: string;
  /** Of how many days the figures are. */
  days: number;
  now: Date;
  /** In the order in which releases move. */
  environments: readonly EnvironmentFacts[];
  /** First lines of commit messages, as far as this clone has the commits. */
  subjects: ReadonlyMap<string, string>;
}
