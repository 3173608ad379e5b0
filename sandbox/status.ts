import { madeByApi } from "./atlas/look.ts";
import { atlasServices } from "./atlas/table.ts";
import { awsApiServices } from "./aws-api/table.ts";
import { Cloud, type StoredResource } from "./cloud/cloud.ts";
import { listEvents, type CloudEvent } from "./cloud/events.ts";
import { listFaults, type Fault } from "./cloud/faults.ts";
import { applicationType, clusterServices } from "./cluster/table.ts";
import { kubernetesState } from "./kubernetes/server/files.ts";
import { liveEndpoint } from "./live/connect.ts";
import { pythonState } from "./live/install.ts";
import { recordServices } from "./live/record-table.ts";
import { liveServices, liveTable } from "./live/table.ts";
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
  live: LiveStatus;
  kubernetes: KubernetesStatus;
  /** The latest operations, oldest first. */
  events: CloudEvent[];
}

/** Where Kubernetes objects go beside the record. */
export interface KubernetesStatus {
  /** Version of the API server that each cluster gets. */
  server?: string;
  /** Why they are only kept on record. */
  reason?: string;
}

/** What runs for real in the sandbox's own processes. */
export interface LiveStatus {
  /** Why nothing does: no Python, or switched off. */
  reason?: string;
  /** Where the emulator answers, while one runs. */
  endpoint?: string;
  /** Services with resources on record. Without a reason they are run; with one they are simulated like everything else. */
  services: { service: string; production: string; sandbox: string; resources: number }[];
}

const notice =
  "This is a simulation: the engine and the program are real, the cloud is local. Nothing here exists in any account, " +
  "nothing costs money, and what works here has not been tried against a real service.";

/** What the sandbox holds and how each part of it is simulated. */
export async function sandboxStatus(
  directory: string,
  options: { events?: number; environment?: Readonly<Record<string, string | undefined>> } = {},
): Promise<SandboxStatus> {
  const { environment = process.env } = options;
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
      live: await liveStatus(directory, types, environment, madeByApi(cloud.database)),
      kubernetes: kubernetesStatus(environment),
      events: listEvents(cloud.database, options.events ?? 20),
    };
  } finally {
    cloud.close();
  }
}

function kubernetesStatus(environment: Readonly<Record<string, string | undefined>>): KubernetesStatus {
  const { files, reason } = kubernetesState(environment);
  return files === undefined ? { reason } : { server: files.version };
}

async function liveStatus(
  directory: string,
  types: readonly SimulatedType[],
  environment: Readonly<Record<string, string | undefined>>,
  made: Readonly<Record<keyof typeof atlasServices, number>>,
): Promise<LiveStatus> {
  const { reason } = pythonState(environment);
  const endpoint = await liveEndpoint(directory);
  const services = [
    ...rows(types, liveServices, (type, service) => liveTable[type]?.service === service),
    ...rows(types, clusterServices, (type) => type === applicationType),
    ...rowsByType(types, awsApiServices),
    ...rowsByType(types, recordServices),
    ...rowsByType(types, atlasServices, made),
  ];
  return { ...(reason === undefined ? {} : { reason }), ...(endpoint === undefined ? {} : { endpoint }), services };
}

type ServiceRow = LiveStatus["services"][number];

/** Services of a table that have resources; `beside` are those that are not on record. */
function rows(
  types: readonly SimulatedType[],
  table: Readonly<Record<string, { production: string; sandbox: string }>>,
  isOf: (type: string, service: string) => boolean,
  beside: Readonly<Record<string, number>> = {},
): ServiceRow[] {
  return Object.entries(table).flatMap(([service, { production, sandbox }]) => {
    const own = types.filter(({ type }) => isOf(type, service));
    const resources = own.reduce((sum, { count }) => sum + count, beside[service] ?? 0);
    return resources === 0 ? [] : [{ service, production, sandbox, resources }];
  });
}

function rowsByType(
  types: readonly SimulatedType[],
  table: Readonly<Record<string, { production: string; sandbox: string; types: readonly string[] }>>,
  beside: Readonly<Record<string, number>> = {},
): ServiceRow[] {
  return rows(types, table, (type, service) => table[service]?.types.includes(type) === true, beside);
}

function orphansOf(cloud: Cloud, directory: string): SandboxStatus["orphans"] {
  const recorded = new Set(recordedResources(directory).map(({ type, id }) => `${type} ${id}`));
  return cloud
    .list()
    .filter(({ type, id }) => !recorded.has(`${type} ${id}`))
    .map(({ account, region, type, id, urn }) => ({ account, region, type, id, urn }));
}
