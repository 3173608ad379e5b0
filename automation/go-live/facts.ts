import type { SecretAge } from "../ci/secrets.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";

/** What was asked of GitHub, or why there is no answer. */
export type Asked<T> = { value: T } | { problem: string };

/** A rule that holds for a branch. */
export interface BranchRule {
  type: string;
  /** Checks that it asks for, by their names. */
  checks: readonly string[];
}

/** The last run of a workflow that came to its end. */
export interface WorkflowRun {
  conclusion: string;
  at: string;
  url: string;
}

/** What GitHub says of the repository. */
export interface RepositoryFacts {
  exists: Asked<boolean>;
  /** The environment's secrets and how old they are; nobody can read their values. */
  secrets: Asked<readonly SecretAge[]>;
  rules: Asked<readonly BranchRule[]>;
  /** Undefined where it never ran. */
  lastRun: Asked<WorkflowRun | undefined>;
}

/** Everything that the ten points are decided by. */
export interface GoLiveFacts {
  environment: string;
  /** `owner/name` as the stack file has it, undefined where that names none. */
  repository: string | undefined;
  protectedBranch: string;
  /** Secrets that the deployment of this environment reads. */
  neededSecrets: readonly string[];
  github: RepositoryFacts;
  /** Ledger of the environment, and those of all environments of the policy. */
  records: readonly LedgerRecord[];
  everywhere: Readonly<Record<string, readonly LedgerRecord[]>>;
  /** Who is told of what happens, e.g. `Slack`. */
  told: readonly string[];
  /** Pages that the program makes, and whether they say what it does. */
  pages: Readonly<Record<string, boolean>>;
}
