/** What two states are compared by: which resources they hold, and as what the cloud knows them. */
export interface StateFacts {
  resources: string[];
  /** URL of the key that the secrets are encrypted with; undefined for a passphrase. */
  secretsProvider: string | undefined;
}

interface RawDeployment {
  resources?: { urn?: string; id?: string }[];
  secrets_providers?: { state?: { url?: string } };
}

/** Reads a deployment as `pulumi stack export` gives it. */
export function stateFacts(deployment: unknown): StateFacts {
  const { resources = [], secrets_providers: providers } = (deployment ?? {}) as RawDeployment;
  return {
    resources: resources.map(({ urn = "", id = "" }) => `${urn} ${id}`).sort(),
    secretsProvider: providers?.state?.url,
  };
}

/** What has to be done with a state that is to go where another one may be. */
export type MigrationDecision = "import" | "done" | "refuse";

/**
 * An empty place takes the state, the very same state needs nothing, and any other one is left alone: it is somebody's, or, where this
 * state had arrived before (`arrived`), what has become of it since.
 */
export function decideMigration(from: StateFacts, to: StateFacts, arrived: boolean): MigrationDecision {
  if (to.resources.length === 0) return from.resources.length === 0 ? "done" : "import";
  return arrived || JSON.stringify(to.resources) === JSON.stringify(from.resources) ? "done" : "refuse";
}
