import { containerOf, withLocalAddresses } from "./container.ts";
import { Pod } from "./pod.ts";
import type { Identities } from "./identities.ts";
import type { PodSet } from "./pod-counts.ts";
import type { PodObservation } from "./state.ts";
import type { Workload } from "./workload.ts";

export interface PodsOptions {
  directory: string;
  cluster: string;
  python: string;
  identities: Identities;
  /** Local address of a service of the cluster. */
  addressOf(namespace: string, service: string): string | undefined;
  onNote(line: string): void;
}

/** The processes of one cluster, one per revision of a workload, whatever number of pods it stands for. */
export class Pods {
  readonly #options: PodsOptions;
  readonly #pods = new Map<string, Pod>();
  readonly #ending = new Set<Promise<void>>();

  constructor(options: PodsOptions) {
    this.#options = options;
  }

  /** Starts what is missing and ends what nobody wants any more. */
  ensure(wanted: readonly { workload: Workload; sets: readonly PodSet[] }[]): void {
    const keys = new Set<string>();
    for (const { workload, sets } of wanted) {
      for (const { revision } of sets) {
        const key = podKey(workload, revision.hash);
        keys.add(key);
        if (!this.#pods.has(key)) this.#pods.set(key, this.#start(workload, revision.hash, revision.template));
      }
    }
    for (const [key, pod] of this.#pods) {
      if (keys.has(key)) continue;
      this.#pods.delete(key);
      this.#end(pod);
    }
  }

  get(workload: Workload, hash: string): Pod | undefined {
    return this.#pods.get(podKey(workload, hash));
  }

  observe(workload: Workload, hashes: readonly string[]): Record<string, PodObservation> {
    const seen = hashes.flatMap((hash): [string, PodObservation][] => {
      const pod = this.get(workload, hash);
      return pod === undefined ? [] : [[hash, pod.observe()]];
    });
    return Object.fromEntries(seen);
  }

  /** Ends every process; returns when they are gone. */
  async close(): Promise<void> {
    for (const pod of this.#pods.values()) this.#end(pod);
    this.#pods.clear();
    await Promise.all(this.#ending);
  }

  #start(workload: Workload, hash: string, template: Workload["template"]): Pod {
    const { directory, cluster, python, identities, addressOf, onNote } = this.#options;
    const name = `${cluster}.${workload.namespace}.${workload.name}-${hash}`;
    const container = containerOf(template, { name: `${workload.name}-${hash}-0`, namespace: workload.namespace });
    const environment = {
      ...identities.of(workload.namespace, template),
      ...withLocalAddresses(container.environment, workload.namespace, addressOf),
    };
    return new Pod({ directory, python, name: encodeURIComponent(name), container, environment, onNote });
  }

  #end(pod: Pod): void {
    const ended = pod.stop().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

const podKey = (workload: Workload, hash: string) => `${workload.key}/${hash}`;
