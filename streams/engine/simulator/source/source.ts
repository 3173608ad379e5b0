import type { JsonPath } from "../../json/document.ts";
import { DocumentError, PipelineRefused, SimulationError } from "../errors.ts";
import type { Compiled } from "../expressions/evaluator.ts";
import type { Meta } from "../expressions/runtime.ts";
import { type Envelope, type StageContext } from "../stages/stage.ts";
import { timeOf } from "../world/world.ts";
import { docFromEjson } from "../values/ejson.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { durationOf } from "../windows/duration.ts";
import type { Input, InputOptions } from "./input.ts";
import { type Kind, kindOf } from "./kinds.ts";
import { Partitions } from "./partitions.ts";

/** `$source`: makes documents of what arrives, with their event time and what is known of them. */
export class Source {
  readonly name = "$source";
  readonly path: JsonPath;
  readonly kind: Kind;
  readonly partitions: Partitions;
  /** Documents that stand in the pipeline itself. */
  readonly inline: readonly Doc[];
  readonly #time: Compiled | undefined;
  readonly #timestampField: string;
  readonly #context: StageContext;

  constructor(
    argument: unknown,
    path: JsonPath,
    context: StageContext,
    given: { connectionType: string | undefined; partitions: number | undefined },
  ) {
    if (!isDoc(argument)) throw new PipelineRefused("$source takes an object", path);
    this.path = path;
    this.#context = context;
    this.kind = kindOf(argument, path, context, given.connectionType);
    this.inline = this.kind.inline;
    this.#time = timeField(argument["timeField"], [...path, "timeField"], context);
    const { tsFieldName: field = context.constants.timestampFieldName } = argument;
    if (typeof field !== "string") throw new PipelineRefused("tsFieldName is text", [...path, "tsFieldName"]);
    this.#timestampField = field;
    const idleField = this.kind.idleField;
    const idle = idleField === undefined ? undefined : argument[idleField];
    const idleTimeout = idle === undefined ? undefined : durationOf(idle, [...path, idleField ?? ""]);
    this.partitions = new Partitions(given.partitions ?? 0, idleTimeout, context.constants, context.world.now);
  }

  /** Metadata of documents that the processor makes itself. */
  get madeHere(): Meta {
    return { source: { type: this.kind.type } };
  }

  /** What an input is before anything else is known: the document for the dead letter queue. */
  open(input: Input, options: InputOptions, partition: string, offset: number): Envelope {
    const given = options.eventTime === undefined ? undefined : timeOf(options.eventTime);
    const doc = typeof input === "string" ? {} : input;
    const ts = given ?? this.kind.timeOf(doc) ?? options.arrivedAt ?? this.#context.world.now;
    const source: Doc = { type: this.kind.type, ts: new Date(ts) };
    this.kind.describe(source, doc, { partition, offset }, options);
    return { doc, meta: { source }, time: ts };
  }

  /**
   * Reads what arrived; undefined where the source itself leaves it out.
   * @throws DocumentError where it is no document, or has no time
   */
  read(input: Input, opened: Envelope, options: InputOptions): Envelope | undefined {
    const parsed = typeof input === "string" ? parse(input) : input;
    const read = this.kind.read(parsed, options, opened);
    if (read === undefined) return undefined;
    if (this.#time === undefined && this.#timestampField === "") return read;
    const time = this.#time === undefined ? opened.time : this.#eventTime(this.#time, read);
    const doc = this.#timestampField === "" ? read.doc : { ...read.doc, [this.#timestampField]: new Date(time) };
    return { doc, meta: read.meta, time };
  }

  /** The event time that an input has; undefined where it cannot be read. */
  timeOf(input: Input, options: InputOptions): number | undefined {
    try {
      return this.read(input, this.open(input, options, "0", 0), options)?.time;
    } catch (error) {
      if (error instanceof SimulationError) throw error;
      return undefined;
    }
  }

  #eventTime(expression: Compiled, { doc, meta }: Envelope): number {
    const value = expression(doc, meta);
    if (value instanceof Date) return value.getTime();
    throw new DocumentError("Failed to evaluate timeField in $source: it is no date");
  }
}

function parse(text: string): Doc {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DocumentError(`Failed to parse the message as JSON: ${(error as Error).message}`);
  }
  if (!isDoc(value)) throw new DocumentError("Failed to parse the message as JSON: it is no object");
  return docFromEjson(value);
}

function timeField(given: unknown, path: JsonPath, { evaluator }: StageContext): Compiled | undefined {
  if (given === undefined) return undefined;
  const keys = isDoc(given) ? Object.keys(given) : [];
  if (keys.length !== 1 || (keys[0] !== "$toDate" && keys[0] !== "$dateFromString"))
    throw new PipelineRefused("timeField is $toDate or $dateFromString of a field", path);
  return evaluator.expression(given, path);
}
