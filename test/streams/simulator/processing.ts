import { createSimulator } from "../../../streams/engine/simulator/simulator.ts";
import type { Simulator, SimulatorOptions } from "../../../streams/engine/simulator/types.ts";
import type { Doc } from "../../../streams/engine/simulator/values/types.ts";

export const dlq = { connectionName: "c", db: "d", coll: "dlq" };
export const source = { $source: { connectionName: "k", topic: "t", timeField: { $toDate: "$ts" } } };
/** A source whose documents need no time. */
export const plain = { $source: { connectionName: "k", topic: "t" } };
export const sink = { $merge: { into: { connectionName: "c", db: "d", coll: "x" } } };
/** A sink that keeps every document that came to it. */
export const log = { $emit: { connectionName: "k", topic: "out" } };

/** A processor with a dead letter queue whose clock shows noon. */
export function simulator(pipeline: readonly unknown[], options: SimulatorOptions = {}): Simulator {
  return createSimulator(pipeline, { name: "p", clock: "2026-01-01T12:00:00Z", options: { dlq }, ...options });
}

/** What comes out of stages, and what goes to the dead letter queue with its reason. */
export function through(stages: readonly object[], documents: readonly Doc[], options: SimulatorOptions = {}) {
  const running = simulator([plain, ...stages, log], options);
  for (const document of documents) running.push(document);
  return {
    running,
    out: running.emissions.map(({ doc }) => doc),
    dlq: running.dlq.map(({ operatorName, errInfo, doc }) => [operatorName, errInfo.reason, doc]),
  };
}

/** A time on the first of January. */
export const at = (clock: string) => `2026-01-01T${clock}Z`;

/** The windows that closed, as times and what came out of them. */
export function windowsOf({ emissions }: Simulator) {
  const clock = (date: unknown) => (date as Date).toISOString().replace(/^2026-01-01T|\.000Z$|Z$/g, "");
  return emissions.map(({ doc, meta: { window = {} } }) => {
    const { _stream_meta: _, ...rest } = doc ?? {};
    return [`${clock(window["start"])}-${clock(window["end"])}`, rest];
  });
}
