import { setTimeout as wait } from "node:timers/promises";

import type { Cloud } from "../cloud/cloud.ts";
import type { Properties } from "../types/type-spec.ts";
import { advance } from "./advance.ts";
import { Identities } from "./identities.ts";
import type { Measurement } from "./analysis.ts";
import { applicationStatus, Comparer, synced, takeUnhealthy, type Comparison } from "./applications.ts";
import { measureRevision, measuringInterval } from "./measure.ts";
import { nameOf, kindOf, keyOf, spaceOf, type KubeObject } from "./objects.ts";
import { podsOf, trafficOf } from "./pod-counts.ts";
import { Pods } from "./pods.ts";
import type { ServiceRouter } from "./router.ts";
import { hasPort, Services } from "./services.ts";
import { changeState, readState, type ClusterState } from "./state-file.ts";
import type { WorkloadState } from "./state.ts";
import { healthOf, withStatus, workloadStatus } from "./status.ts";
import { workloadsOf, type Workload } from "./workload.ts";

export interface ClusterOptions {
  /** Of the sandbox. */
  directory: string;
  name: string;
  cloud: Cloud;
  /** What runs the services; without it they are only remembered. */
  python?: string;
  /** Says how the emulator is started that pods find AWS in. Defaults to this process's. */
  environment?: Readonly<Record<string, string | undefined>>;
  onNote(line: string): void;
}

/** A service with its address on this machine. */
export interface LocalService {
  name: string;
  url: string;
  /** Whether a pod of it is. */
  ready: boolean;
}

/** Between two rounds of the controllers: while something is under way, and while all is well. */
const roundEveryMs = { busy: 60, quiet: 300 };
/** Looks at the branches are rarer than rounds; who asks for an Application gets a look of its own. */
const roundsPerLook = 5;

/** Argo CD, Argo Rollouts, kubelet and kube-proxy of one cluster, in the size of the sandbox. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #comparer: Comparer;
  readonly #services = new Services();
  readonly #identities: Identities;
  readonly #pods: Pods | undefined;
  readonly #measuring = new Map<string, number>();
  readonly #stop = new AbortController();
  #comparisons: Comparison[] = [];
  #state: ClusterState;
  #measurements: Measurement[] = [];
  #loop: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(options: ClusterOptions) {
    const { directory, name, cloud, python, environment = process.env, onNote } = options;
    this.#options = options;
    this.#comparer = new Comparer(cloud, directory);
    this.#state = readState(directory, name);
    const addressOf = (namespace: string, service: string) => this.#services.addressOf(namespace, service);
    const identities = new Identities({ directory, cluster: name, cloud, environment, onNote });
    this.#identities = identities;
    this.#pods =
      python === undefined ? undefined : new Pods({ directory, cluster: name, python, identities, addressOf, onNote });
  }

  /** The objects that Argo CD applied, and the Applications, as they are now. The first call starts the controllers. */
  async objects(): Promise<{ applied: Properties[]; statusOf(application: Properties): Properties | undefined }> {
    await this.#upToDate();
    const workloads = this.#workloads();
    const applied = this.#objects().map((object) => {
      const workload = workloads.find(({ key }) => key === keyOf(object));
      return workload === undefined
        ? object
        : withStatus(object, workloadStatus(this.#of(workload), workload, this.#readiness(workload)));
    });
    return { applied, statusOf: (application) => this.#applicationStatus(application, workloads) };
  }

  /** The address of a service, or why there is none. */
  async service(
    namespace: string,
    name: string,
    port: string,
  ): Promise<ServiceRouter | "no service" | "no port" | "no endpoints"> {
    if (this.#loop === undefined) await this.#upToDate();
    const service = this.#objects().find(
      (object) => kindOf(object) === "Service" && nameOf(object) === name && spaceOf(object) === namespace,
    );
    if (service === undefined) return "no service";
    if (!hasPort(service, port)) return "no port";
    const router = this.#services.router(namespace, name);
    return router === undefined || router.backends.length === 0 ? "no endpoints" : router;
  }

  /** Every service with its local address. */
  async localServices(): Promise<LocalService[]> {
    await this.#upToDate();
    return this.#objects().flatMap((object) => {
      const router = kindOf(object) === "Service" ? this.#services.router(spaceOf(object), nameOf(object)) : undefined;
      return router === undefined
        ? []
        : [{ name: nameOf(object), url: router.address, ready: router.backends.length > 0 }];
    });
  }

  /** Local address of a service, once the controllers have looked. */
  addressOf(namespace: string, service: string): string | undefined {
    return this.#services.addressOf(namespace, service);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#last;
    await this.#loop;
    await this.#pods?.close();
    await this.#services.close();
    await this.#identities.close();
  }

  /** Nobody is told of a commit that is not the branch's tip any more. */
  async #upToDate(): Promise<void> {
    await this.#turn(true);
    if (this.#pods !== undefined && !this.#stop.signal.aborted) this.#loop ??= this.#run();
  }

  /** One round of all controllers, after the one before. */
  #turn(look: boolean): Promise<void> {
    const turn = this.#last.then(() => (this.#stop.signal.aborted ? undefined : this.#round(look)));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let round = 1; !signal.aborted; round += 1) {
      const busy = Object.values(this.#state.workloads).some(
        ({ phase, update }) => phase !== "Healthy" || update !== undefined,
      );
      await wait(roundEveryMs[busy ? "busy" : "quiet"], undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#turn(round % roundsPerLook === 0).catch((error: unknown) => {
        this.#options.onNote(
          `cluster ${this.#options.name}: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
    }
  }

  async #round(look: boolean): Promise<void> {
    const { cloud, directory, name } = this.#options;
    if (look) this.#comparisons = await this.#comparer.compare(name);
    const measurements = this.#measurements.splice(0);
    const now = Date.now();
    this.#state = changeState(cloud, directory, name, (state, locked) => {
      const applied = synced(state, this.#comparisons, locked ? () => takeUnhealthy(cloud) : undefined);
      return { ...applied, workloads: this.#advanced(applied, now, measurements) };
    });
    if (this.#pods === undefined) return;
    const workloads = this.#workloads();
    if (look) await this.#identities.look(workloads);
    await this.#services.ensure(this.#objects());
    if (this.#stop.signal.aborted) return;
    this.#pods.ensure(workloads.map((workload) => ({ workload, sets: this.#sets(workload) })));
    this.#services.route(this.#objects(), workloads, (workload, service) => this.#backends(workload, service));
    for (const workload of workloads) this.#measure(workload);
  }

  #advanced(state: ClusterState, now: number, measurements: Measurement[]): Record<string, WorkloadState> {
    const workloads = workloadsOf(objectsIn(state));
    const simulated = this.#pods === undefined;
    return Object.fromEntries(
      workloads.map((workload) => {
        const before = state.workloads[workload.key];
        const hashes = [before?.stable?.hash, before?.update?.hash, workload.hash].filter((hash) => hash !== undefined);
        const pods = this.#pods?.observe(workload, hashes) ?? {};
        return [workload.key, advance(before, workload, { now, pods, measurements, simulated })];
      }),
    );
  }

  #measure(workload: Workload): void {
    const state = this.#of(workload);
    const interval = state && measuringInterval(state, workload);
    const hash = state?.update?.hash ?? "";
    const pod = this.#pods?.get(workload, hash);
    if (interval === undefined || pod?.port === undefined || Date.now() < (this.#measuring.get(workload.key) ?? 0))
      return;
    this.#measuring.set(workload.key, Number.POSITIVE_INFINITY);
    void measureRevision(pod, hash, () => this.#services.takeTraffic(hash)).then((measurement) => {
      // What was asked while the process was being ended says nothing about it.
      if (!this.#stop.signal.aborted) this.#measurements.push(measurement);
      this.#measuring.set(workload.key, Date.now() + interval);
    });
  }

  #applicationStatus(application: Properties, workloads: readonly Workload[]): Properties | undefined {
    const name = nameOf(application);
    const comparison = this.#comparisons.find((each) => nameOf(each.application) === name);
    if (comparison === undefined) return undefined;
    const applied = this.#state.applications[name];
    const own = new Set(applied?.objects.map(keyOf));
    const healths = workloads
      .filter(({ key }) => own.has(key))
      .map((workload) => healthOf(this.#of(workload), workload, this.#options.name));
    return applicationStatus(comparison, applied, healths);
  }

  #backends(workload: Workload, service: string) {
    const state = this.#of(workload);
    if (state === undefined) return [];
    return trafficOf(state, workload, service, this.#readiness(workload)).flatMap(({ hash, weight }) => {
      const port = this.#pods?.get(workload, hash)?.port;
      return port === undefined ? [] : [{ hash, weight, port }];
    });
  }

  #readiness(workload: Workload): (hash: string) => boolean {
    return (hash) => this.#pods === undefined || this.#pods.get(workload, hash)?.port !== undefined;
  }

  #sets(workload: Workload) {
    const state = this.#of(workload);
    return state === undefined ? [] : podsOf(state, workload);
  }

  #of = ({ key }: Workload): WorkloadState | undefined => this.#state.workloads[key];
  #objects = (): KubeObject[] => objectsIn(this.#state);
  #workloads = (): Workload[] => workloadsOf(this.#objects());
}

function objectsIn(state: ClusterState): KubeObject[] {
  return Object.values(state.applications).flatMap(({ objects }) => objects);
}
