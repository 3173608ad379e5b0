import type { JsonPath } from "../../json/document.ts";
import type { Meta } from "../expressions/runtime.ts";
import { type Blocking, type Gathering, waiting } from "../stages/blocking.ts";
import { inWindow } from "./meta.ts";
import { type Envelope, type Stage, type StageContext, perDocument } from "../stages/stage.ts";

/** Runs stages over a document; what fails is reported and left out. */
export type RunStages = (stages: readonly Stage[], envelope: Envelope) => readonly Envelope[];
/** Says that a document cannot be processed, by which stage, and why. */
export type Report = (stage: { name: string; path: JsonPath }, envelope: Envelope, error: unknown) => void;
export interface InnerRunner {
  run: RunStages;
  report: Report;
  /** Metadata of documents that a stage makes itself. */
  readonly madeHere: Meta;
}

/** What one window holds: only what its first blocking stage needs. */
export interface WindowState {
  readonly gathering: Gathering;
  add(envelope: Envelope): void;
  close(window: { start: number; end: number; partition?: unknown }): readonly Envelope[];
}

/**
 * The pipeline inside a window. Stages before the first that blocks run as documents arrive; everything behind it when the window
 * closes.
 */
export class InnerPipeline {
  readonly #before: Stage[];
  readonly #blocking: Blocking;
  readonly #after: (Stage | Blocking)[];
  readonly #runner: InnerRunner;

  constructor(stages: unknown, path: JsonPath, context: StageContext, runner: InnerRunner) {
    const segments = context.segments(stages, path, "window", context);
    const first = segments.findIndex((segment) => "open" in segment);
    this.#before = perDocument(first < 0 ? segments : segments.slice(0, first));
    this.#blocking = first < 0 ? waiting : (segments[first] as Blocking);
    this.#after = first < 0 ? [] : segments.slice(first + 1);
    this.#runner = runner;
  }

  open(saved?: unknown): WindowState {
    const gathering = this.#blocking.open(saved);
    return {
      gathering,
      add: (envelope) => this.#gather(this.#blocking, gathering, this.#runner.run(this.#before, envelope)),
      close: (window) => {
        const { meta } = inWindow({ doc: {}, meta: this.#runner.madeHere, time: window.start }, window);
        return this.#finish(gathering, meta, window.start);
      },
    };
  }

  #gather(blocking: Blocking, gathering: Gathering, envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) {
      blocking.reached();
      try {
        gathering.add(envelope);
      } catch (error) {
        this.#runner.report(blocking, envelope, error);
      }
    }
  }

  #finish(gathering: Gathering, meta: Meta, time: number): readonly Envelope[] {
    let current: readonly Envelope[] = gathering.finish(meta, time);
    for (const segment of this.#after) {
      if ("open" in segment) {
        const next = segment.open();
        this.#gather(segment, next, current);
        current = next.finish(meta, time);
      } else current = current.flatMap((envelope) => this.#runner.run([segment], envelope));
    }
    return current;
  }
}
