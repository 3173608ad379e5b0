import type { Simulator, SimulatorOptions } from "../../../streams/engine/simulator/types.ts";
import { at, log, simulator, source } from "./processing.ts";

export const minutes = (size: number) => ({ size, unit: "minute" });
export const seconds = (size: number) => ({ size, unit: "second" });
export const counted = [{ $group: { _id: null, n: { $sum: 1 } } }];
const collected = [{ $group: { _id: null, times: { $push: "$ts" } } }];

export const tumbling = (more: object = {}, options?: SimulatorOptions) =>
  simulator(
    [source, { $tumblingWindow: { interval: minutes(5), allowedLateness: 0, pipeline: collected, ...more } }, log],
    options,
  );
export const hopping = (more: object = {}, options?: SimulatorOptions) =>
  simulator(
    [
      source,
      { $hoppingWindow: { interval: minutes(4), hopSize: minutes(2), allowedLateness: 0, pipeline: counted, ...more } },
      log,
    ],
    options,
  );

export const pushAll = (running: Simulator, ...clocks: string[]) =>
  clocks.forEach((clock) => running.push({ ts: at(clock) }));
export const late = ({ dlq }: Simulator) => dlq.map(({ doc }) => (doc as { ts: string }).ts.slice(11, -1));
