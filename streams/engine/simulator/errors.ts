import { shownPath } from "../finding.ts";
import type { JsonPath } from "../json/document.ts";

/** Something in a pipeline or a test that stops the simulation as a whole; where it is, where that is known. */
export abstract class SimulationError extends Error {
  readonly path: JsonPath | undefined;

  constructor(message: string, path?: JsonPath) {
    super(path === undefined || path.length === 0 ? message : `${message} (${shownPath(path)})`);
    this.path = path;
  }
}

/** What Atlas does is not documented, or not built here: nothing is guessed. */
export class CannotSimulate extends SimulationError {
  override readonly name = "CannotSimulate";
  readonly what: string;

  constructor(what: string, path?: JsonPath) {
    super(`cannot be simulated: ${what}`, path);
    this.what = what;
  }
}

/** Atlas would not take this pipeline, or this change of one. */
export class PipelineRefused extends SimulationError {
  override readonly name = "PipelineRefused";
}

/** The processor fails as a whole: no document is to blame. */
export class ProcessorFailure extends Error {
  override readonly name = "ProcessorFailure";
  /** Atlas' number of the reason, where it is documented. */
  readonly code: number | undefined;

  constructor(reason: string, code?: number) {
    super(reason);
    this.code = code;
  }
}

/** A document cannot be processed; it goes to the dead letter queue. Any other error of an expression means the same. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}
