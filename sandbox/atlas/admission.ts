import { failoverTier, tierAtLeast, tierLimits } from "../../streams/engine/catalogue/tiers.ts";
import { tiers, type Tier } from "../../streams/engine/files/documents.ts";
import { continuation } from "../../streams/engine/simulator/checkpoint.ts";
import { SimulationError } from "../../streams/engine/simulator/errors.ts";
import { createSimulator } from "../../streams/engine/simulator/simulator.ts";
import { isDoc } from "../../streams/engine/simulator/values/types.ts";
import { addedParallelism } from "./figures.ts";
import { badRequest } from "./protocol.ts";
import type { Records } from "./record.ts";
import type { AtlasState, Place, ProcessorDocument } from "./state.ts";

/** Stages of a processor out of its text. */
export const stagesOf = ({ pipelineText }: Pick<ProcessorDocument, "pipelineText">): unknown[] =>
  JSON.parse(pipelineText) as unknown[];

/** What Atlas looks at before it takes a processor, a change of one, or its start. Nothing changes by it. */
export class Admission {
  readonly #records: Records;
  readonly #state: AtlasState;

  constructor(records: Records, state: AtlasState) {
    this.#records = records;
    this.#state = state;
  }

  /** Whether Atlas would take this definition. @throws AtlasError 400 */
  admit(place: Place, name: string, body: ProcessorDocument): void {
    const pipeline = stagesOf(body);
    const connections = this.#records
      .connections(place)
      .map(({ body: { name: each, type } }) => ({ name: each, type }));
    const known = new Set(connections.map((each) => each.name));
    const missing = [...connectionsIn(pipeline), ...(body.dlq === undefined ? [] : [body.dlq.connectionName])].find(
      (each) => !known.has(each) && each !== "__testLog",
    );
    if (missing !== undefined) throw refused(name, `connection '${missing}' does not exist`);
    try {
      createSimulator(pipeline, { name, connections, options: { dlq: body.dlq } });
    } catch (error) {
      // What only the sandbox cannot do is no mistake: the processor fails when it is started, and says so.
      if (error instanceof SimulationError && error.name === "PipelineRefused") throw refused(name, error.message);
      if (!(error instanceof SimulationError)) throw error;
    }
  }

  /** Whether a stopped processor could go on as this one. @throws AtlasError 400 where its checkpoint does not fit */
  change(place: Place, name: string, pipeline: readonly unknown[], resume: boolean): void {
    const checkpoint = this.#state.run(place, name)?.run.checkpoint;
    if (checkpoint === undefined || !resume) return;
    try {
      continuation(checkpoint.pipeline, pipeline);
    } catch (error) {
      if (error instanceof SimulationError) throw refused(name, error.message);
      throw error;
    }
  }

  /** @throws AtlasError 400 for a tier that the workspace or the processor does not allow */
  tier(place: Place, name: string, body: ProcessorDocument, asked: Tier | undefined): Tier {
    const config = this.#records.workspace(place)?.body.streamConfig ?? {};
    const tier = asked ?? knownTier(body.tier) ?? knownTier(config["tier"]) ?? "SP10";
    const most = knownTier(config["maxTierSize"]) ?? "SP50";
    if (!tierAtLeast(most, tier)) throw refused(name, `tier ${tier} is above the workspace's maximum of ${most}`);
    if (body.failoverEnabled === true && !tierAtLeast(tier, failoverTier))
      throw refused(name, `failover takes part from ${failoverTier} on, not on ${tier}`);
    const parallelism = addedParallelism(stagesOf(body));
    const least = tiers.find((each) => tierLimits[each].parallelism >= parallelism) ?? "SP50";
    if (!tierAtLeast(tier, least)) throw refused(name, `Minimum tier for this workload: ${least}`);
    return tier;
  }
}

/** Atlas' general refusal of a processor. */
export const refused = (name: string, reason: string) =>
  badRequest("STREAM_PROCESSOR_GENERIC_ERROR", `${name}: ${reason}`, name);

export const knownTier = (value: unknown): Tier | undefined => tiers.find((tier) => tier === value);

/** Every connection that a pipeline names. */
export function connectionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(connectionsIn);
  if (!isDoc(value)) return [];
  const own = value["connectionName"];
  return [...(typeof own === "string" ? [own] : []), ...Object.values(value).flatMap(connectionsIn)];
}
