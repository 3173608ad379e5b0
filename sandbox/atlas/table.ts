import { documentsPerSecond } from "./figures.ts";
import { connectionType, processorType } from "../types/mongodbatlas/names.ts";

/** What the sandbox's status and its server say of processors. */
export const simulatedProcessor = "stream processor simulated: streams/engine/simulator on sample data";

/** What Atlas does in production, and what takes its place here. */
export const atlasServices = {
  processors: {
    production: "Atlas Stream Processing",
    sandbox:
      `${simulatedProcessor}, ${documentsPerSecond} documents a second while somebody looks; latency and memory are those of a model, tiers are ` +
      "checked and nothing is scaled",
    types: [processorType],
  },
  connections: {
    production: "connections of Atlas Stream Processing",
    sandbox:
      "kept, and shown without their secrets; they connect to nothing: samples of streams/samples, or inputs of tests, are what arrives",
    types: [connectionType],
  },
} as const;
