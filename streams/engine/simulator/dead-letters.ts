import type { JsonPath } from "../json/document.ts";
import { CannotSimulate, ProcessorFailure, SimulationError } from "./errors.ts";
import type { Counts } from "./checkpoint.ts";
import { HttpsError } from "./stages/https.ts";
import type { Envelope } from "./stages/stage.ts";
import type { DlqDocument, SimulatorOptions } from "./types.ts";
import type { World } from "./world/world.ts";

/** Where documents go that cannot be processed; without a dead letter queue they are dropped. */
export class DeadLetters {
  readonly delivered: DlqDocument[] = [];
  readonly dropped: DlqDocument[] = [];
  readonly #options: SimulatorOptions;
  readonly #world: World;
  readonly #counts: Counts;

  constructor(options: SimulatorOptions, world: World, counts: Counts) {
    this.#options = options;
    this.#world = world;
    this.#counts = counts;
  }

  /** @throws what is not about the document: the simulation's own errors, and the processor's failure */
  add(stage: { name: string; path: JsonPath }, { doc, meta }: Envelope, error: unknown): void {
    if (error instanceof SimulationError || error instanceof ProcessorFailure) throw error;
    // An error of the language is none of MongoDB's: it says that something is wrong here.
    if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
      throw new CannotSimulate(`what ${stage.name} does with ${JSON.stringify(doc)}: ${error.message}`, stage.path);
    const reason = error instanceof Error ? error.message.replace(/^mingo: /, "") : String(error);
    const document: DlqDocument = {
      processorName: this.#options.name ?? "",
      ...(this.#options.instanceName === undefined ? {} : { instanceName: this.#options.instanceName }),
      dlqTime: new Date(this.#world.now),
      operatorName: stage.name,
      errInfo: { reason },
      doc,
      _stream_meta: error instanceof HttpsError ? { ...meta, https: error.https } : meta,
    };
    const queued = this.#options.options?.dlq !== undefined;
    this.#counts[queued ? "dlq" : "dropped"] += 1;
    if (this.#options.retain !== false) (queued ? this.delivered : this.dropped).push(document);
    this.#options.onDlq?.(document);
  }
}
