import assert from "node:assert/strict";
import { loadStreams } from "../../../streams/engine/files/project.ts";

export type Stages = readonly object[];

export const project = (files: Record<string, Stages | string>, options: object = {}) =>
  loadStreams(
    Object.fromEntries(
      Object.entries(files).map(([name, pipeline]) => [
        `processors/${name}.json`,
        `{"pipeline": ${typeof pipeline === "string" ? pipeline : JSON.stringify(pipeline)}, "options": ${JSON.stringify(options)}}`,
      ]),
    ),
  );

export function processor(pipeline: Stages | string, options: object = {}) {
  const [read] = project({ p: pipeline }, options).processors;
  assert.ok(read !== undefined);
  return read;
}

const source = { connectionName: "kafka", topic: "orders", timeField: { $toDate: "$ts" } };
export const from = (more: object = {}) => ({ $source: { ...source, ...more } });
export const match = (more: object) => ({ $match: more });
export const set = { $set: { x: 1 } };
export const group = { $group: { _id: "$a" } };
export const window = (more: object = {}, pipeline: object[] = [group]) => ({
  $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline, ...more },
});
export const session = { $sessionWindow: { gap: { size: 1, unit: "minute" }, partitionBy: "$a", pipeline: [group] } };
export const into = (coll: string) => ({ $merge: { into: { connectionName: "atlas", db: "d", coll } } });
export const end = into("c");
export const plainWindow = window({}, [match({ a: 1 })]);
