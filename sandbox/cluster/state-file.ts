import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Cloud } from "../cloud/cloud.ts";
import type { KubeObject } from "./objects.ts";
import type { WorkloadState } from "./state.ts";

/** What Argo CD applied last for one Application. */
export interface Applied {
  /** Commit that the objects are from. */
  revision: string;
  objects: KubeObject[];
  /** Set by `sandbox fault unhealthy`: this revision reports itself as degraded. */
  fault?: string;
  /** What the record said of a degraded Application before these objects came: it is no longer so. */
  overcome?: string;
}

/** What the controllers of one cluster remember between two looks at it. */
export interface ClusterState {
  version: 1;
  /** By name. */
  applications: Readonly<Record<string, Applied>>;
  /** By `<namespace>/<kind>/<name>`. */
  workloads: Readonly<Record<string, WorkloadState>>;
}

const empty: ClusterState = { version: 1, applications: {}, workloads: {} };

export function stateFile(directory: string, cluster: string): string {
  return join(directory, "clusters", `${encodeURIComponent(cluster)}.json`);
}

/** An absent or damaged file is an empty state: the controllers find everything anew. */
export function readState(directory: string, cluster: string): ClusterState {
  try {
    const found = JSON.parse(readFileSync(stateFile(directory, cluster), "utf8")) as Partial<ClusterState>;
    const whole = found.version === 1 && isRecord(found.applications) && isRecord(found.workloads);
    return whole ? (found as ClusterState) : empty;
  } catch {
    return empty;
  }
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Changes the state of a cluster. The write lock of the cloud's database keeps other processes away, and goes with its holder, however that
 * ends; the file is replaced as a whole. Nothing is locked or written where the change is none.
 *
 * @param change Asked first without the lock, and where that shows a change, again under it; `locked` says which. What has an effect
 *   belongs under the lock.
 */
export function changeState(
  cloud: Cloud,
  directory: string,
  cluster: string,
  change: (state: ClusterState, locked: boolean) => ClusterState,
): ClusterState {
  const before = readState(directory, cluster);
  if (JSON.stringify(change(before, false)) === JSON.stringify(before)) return before;
  return cloud.database.transaction(() => {
    const next = change(readState(directory, cluster), true);
    const file = stateFile(directory, cluster);
    const temporary = `${file}.${process.pid}`;
    mkdirSync(join(directory, "clusters"), { recursive: true });
    writeFileSync(temporary, `${JSON.stringify(next)}\n`);
    renameSync(temporary, file);
    return next;
  });
}
