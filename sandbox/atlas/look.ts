import { Cloud } from "../cloud/cloud.ts";
import type { Database } from "../cloud/database.ts";
import { AtlasState, type Place } from "./state.ts";

/**
 * Documents that processors wrote into a collection of the sandbox, the latest last, as Extended JSON: what a client of the cluster would
 * find there. The connection's name stands for its cluster.
 */
export function writtenDocuments(
  directory: string,
  place: Place,
  { connectionName, db, coll }: { connectionName: string; db: string; coll: string },
): unknown[] {
  const cloud = new Cloud(directory);
  try {
    return new AtlasState(cloud.database).written(place, `${connectionName}.${db}.${coll}`);
  } finally {
    cloud.close();
  }
}

/** How many processors, and how many connections, the API alone has made. */
export function madeByApi(database: Database): { processors: number; connections: number } {
  const state = new AtlasState(database);
  return { processors: state.count("processor"), connections: state.count("connection") };
}
