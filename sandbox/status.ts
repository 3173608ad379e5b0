import { Cloud, type StoredResource } from "./cloud/cloud.ts";
import { listEvents, type CloudEvent } from "./cloud/events.ts";
import { listFaults, type Fault } from "./cloud/faults.ts";
import { loadBehaviours } from "./operations/registry.ts";
import { recordedResources } from "./state.ts";

export interface SimulatedType {
  account: string;
  /** Empty for global services and packages without regions. */
  region: string;
  type: string;
  count: number;
  /** `modelled`: rules of the service are applied. `echoed`: inputs become outputs, nothing is checked. */
  how: "modelled" | "echoed";
  /** What is real about it and what is not. */
  fidelity: string;
}

export interface SandboxStatus {
  directory: string;
  /** Says plainly what this is. */
  notice: string;
  types: SimulatedType[];
  total: number;
  /** Resources that no stack has on record: left behind by an interrupted create, or by a state that was thrown away. */
  orphans: Pick<StoredResource, "account" | "region" | "type" | "id" | "urn">[];
  faults: Fault[];
  /** The latest operations, oldest first. */
  events: CloudEvent[];
}

const notice =
  "This is a simulation: the engine and the program are real, the cloud is one local file. Nothing here exists in any " +
  "account, nothing costs money, and what works here has not been tried against a real service.";

/** What the sandbox holds and how each part of it is simulated. */
export async function sandboxStatus(directory: string, options: { events?: number } = {}): Promise<SandboxStatus> {
  const behaviours = loadBehaviours();
  const cloud = new Cloud(directory);
  try {
    const types = cloud.count().map(({ echoed, ...counted }): SimulatedType => {
      const how = echoed > 0 ? "echoed" : "modelled";
      return { ...counted, how, fidelity: behaviours.of(counted.type).fidelity };
    });
    return {
      directory,
      notice,
      types,
      total: types.reduce((sum, { count }) => sum + count, 0),
      orphans: orphansOf(cloud, directory),
      faults: listFaults(cloud.database),
      events: listEvents(cloud.database, options.events ?? 20),
    };
  } finally {
    cloud.close();
  }
}

function orphansOf(cloud: Cloud, directory: string): SandboxStatus["orphans"] {
  const recorded = new Set(recordedResources(directory).map(({ type, id }) => `${type} ${id}`));
  return cloud
    .list()
    .filter(({ type, id }) => !recorded.has(`${type} ${id}`))
    .map(({ account, region, type, id, urn }) => ({ account, region, type, id, urn }));
}
