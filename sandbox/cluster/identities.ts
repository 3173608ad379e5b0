import type { Cloud } from "../cloud/cloud.ts";
import type { LiveCloud } from "../live/connect.ts";
import { text } from "../types/build.ts";
import { valueAt } from "../types/path.ts";
import type { Properties } from "../types/type-spec.ts";

const associationType = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

type Variables = Readonly<Record<string, string>>;

export interface IdentitiesOptions {
  directory: string;
  cluster: string;
  cloud: Cloud;
  environment: Readonly<Record<string, string | undefined>>;
  onNote(line: string): void;
}

/** Who the pods of a cluster are to AWS. As in EKS, only a service account that is associated with a role is anybody at all. */
export class Identities {
  readonly #options: IdentitiesOptions;
  #live: Promise<LiveCloud | undefined> | undefined;
  #variables = new Map<string, Variables>();

  constructor(options: IdentitiesOptions) {
    this.#options = options;
  }

  /**
   * Takes up what is on record now for the pods that run here. The first of them that is associated starts the emulator, which stays
   * until this is closed.
   */
  async look(pods: readonly { namespace: string; template: Properties }[]): Promise<void> {
    const { cloud, cluster } = this.#options;
    const running = new Set(pods.map(({ namespace, template }) => keyOf(namespace, accountOf(template))));
    const associations = cloud
      .list({ type: associationType })
      .filter(({ inputs }) => inputs["clusterName"] === cluster)
      .filter(({ inputs }) => running.has(keyOf(text(inputs["namespace"]), text(inputs["serviceAccount"]))));
    if (associations.length === 0) return void this.#variables.clear();
    const live = await (this.#live ??= this.#connect());
    if (live === undefined) return;
    this.#variables = new Map(
      associations.map(({ inputs, account, region }) => {
        const { accessKeyId, secretAccessKey } = live.credentialsFor(account);
        const variables = {
          AWS_ENDPOINT_URL: live.endpoint,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          AWS_REGION: region,
          AWS_DEFAULT_REGION: region,
        };
        return [keyOf(text(inputs["namespace"]), text(inputs["serviceAccount"])), variables];
      }),
    );
  }

  /** What a pod of this template has in its environment so that its clients find AWS. */
  of(namespace: string, template: Properties): Variables {
    return this.#variables.get(keyOf(namespace, accountOf(template))) ?? {};
  }

  async close(): Promise<void> {
    await (await this.#live)?.close();
  }

  async #connect(): Promise<LiveCloud | undefined> {
    const { directory, environment, cluster, onNote } = this.#options;
    const { connectLive } = await import("../live/connect.ts");
    try {
      return await connectLive(directory, { environment });
    } catch (error) {
      onNote(`cluster ${cluster}: its pods have no AWS: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
}

const accountOf = (template: Properties) => text(valueAt(template, "spec.serviceAccountName")) ?? "default";
const keyOf = (namespace: string | undefined, account: string | undefined) => `${namespace ?? ""}/${account ?? ""}`;
