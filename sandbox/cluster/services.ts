import { block, list } from "../types/build.ts";
import { valueAt } from "../types/path.ts";
import { kindOf, keyOf, nameOf, spaceOf, specOf, type KubeObject } from "./objects.ts";
import { ServiceRouter, type Backend, type Traffic } from "./router.ts";
import type { Workload } from "./workload.ts";

/** The local addresses of a cluster's services. */
export class Services {
  readonly #routers = new Map<string, ServiceRouter>();

  /** Opens an address for each Service among the objects, and closes those of services that are gone. */
  async ensure(objects: readonly KubeObject[]): Promise<void> {
    const services = objects.filter((object) => kindOf(object) === "Service");
    const keys = new Set(services.map(keyOf));
    for (const key of keys) if (!this.#routers.has(key)) this.#routers.set(key, await ServiceRouter.open());
    for (const [key, router] of this.#routers) {
      if (keys.has(key)) continue;
      this.#routers.delete(key);
      await router.close();
    }
  }

  router(namespace: string, name: string): ServiceRouter | undefined {
    return this.#routers.get(`${namespace}/Service/${name}`);
  }

  addressOf(namespace: string, name: string): string | undefined {
    return this.router(namespace, name)?.address;
  }

  /** Points every service at the pods that its selector finds. */
  route(
    objects: readonly KubeObject[],
    workloads: readonly Workload[],
    backendsOf: (workload: Workload, service: string) => Backend[],
  ): void {
    for (const service of objects.filter((object) => kindOf(object) === "Service")) {
      const router = this.router(spaceOf(service), nameOf(service));
      if (router === undefined) continue;
      const found = workloads.filter((workload) => selects(service, workload));
      router.backends = found.flatMap((workload) => backendsOf(workload, nameOf(service)));
    }
  }

  /** What came over all services for a revision since this was asked last. */
  takeTraffic(hash: string): Traffic {
    return [...this.#routers.values()]
      .map((router) => router.takeTraffic(hash))
      .reduce((sum, each) => ({ requests: sum.requests + each.requests, errors: sum.errors + each.errors }), {
        requests: 0,
        errors: 0,
      });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#routers.values()].map((router) => router.close()));
    this.#routers.clear();
  }
}

function selects(service: KubeObject, workload: Workload): boolean {
  const selector = Object.entries(block(specOf(service)["selector"]));
  const labels = block(valueAt(workload.template, "metadata.labels"));
  return (
    spaceOf(service) === workload.namespace &&
    selector.length > 0 &&
    selector.every(([key, value]) => labels[key] === value)
  );
}

/** Whether a Service has a port with this number or name. */
export function hasPort(service: KubeObject, port: string): boolean {
  return list(specOf(service)["ports"])
    .map(block)
    .some((each) => String(each["port"]) === port || each["name"] === port);
}
