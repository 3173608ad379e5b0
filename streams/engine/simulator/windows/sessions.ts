import type { JsonPath } from "../../json/document.ts";
import { documented } from "../constants.ts";
import { CannotSimulate, DocumentError, PipelineRefused } from "../errors.ts";
import type { Compiled } from "../expressions/evaluator.ts";
import { type Envelope, type StageContext, choice, fieldsOf } from "../stages/stage.ts";
import { keyOf } from "../values/compare.ts";
import { fromEjson, toEjson } from "../values/ejson.ts";
import { durationOf } from "./duration.ts";
import { InnerPipeline, type InnerRunner } from "./inner.ts";
import { inWindow } from "./meta.ts";
import type { Origin, SavedWindows, WindowStage } from "./window.ts";

interface Session {
  partition: unknown;
  start: number;
  last: number;
  /** In the order of arrival: sessions that turn out to be one are joined. */
  documents: Envelope[];
  from: Record<string, number>;
}

const fields = ["partitionBy", "gap", "boundary", "pipeline", "allowedLateness"];

/** Session windows: documents of one partition that follow each other within a gap. */
export class Sessions implements WindowStage {
  readonly name = "$sessionWindow";
  readonly path: JsonPath;
  readonly processingTime: boolean;
  readonly #gap: number;
  readonly #lateness: number;
  readonly #partitionBy: Compiled;
  readonly #inner: InnerPipeline;
  readonly #context: StageContext;
  /** Open sessions by the key of their partition. */
  readonly #sessions = new Map<string, Session[]>();
  /** Nothing closes before this. */
  #nextClose = Infinity;
  #time = -Infinity;

  constructor(argument: unknown, path: JsonPath, context: StageContext, runner: InnerRunner) {
    const given = fieldsOf("$sessionWindow", argument, path, fields);
    this.path = path;
    this.processingTime =
      choice(given["boundary"], ["eventTime", "processingTime"], "eventTime", [...path, "boundary"]) ===
      "processingTime";
    if (this.processingTime && given["allowedLateness"] !== undefined)
      throw new PipelineRefused("allowedLateness cannot be set where boundary is processingTime", [
        ...path,
        "allowedLateness",
      ]);
    if (given["partitionBy"] === undefined) throw new PipelineRefused("$sessionWindow needs partitionBy", path);
    this.#gap = durationOf(given["gap"], [...path, "gap"]);
    const late = [...path, "allowedLateness"];
    const lateness = given["allowedLateness"];
    const allowed = lateness === undefined ? documented.allowedLatenessMs : durationOf(lateness, late, { zero: true });
    this.#lateness = this.processingTime ? 0 : allowed;
    this.#partitionBy = context.evaluator.expression(given["partitionBy"], [...path, "partitionBy"]);
    this.#inner = new InnerPipeline(given["pipeline"], [...path, "pipeline"], context, runner);
    this.#context = context;
  }

  add(envelope: Envelope, origin: Origin): void {
    const partition = this.#partitionBy(envelope.doc, envelope.meta) ?? null;
    const key = keyOf(partition);
    const time = this.processingTime ? this.#context.world.now : envelope.time;
    const sessions = this.#sessions.get(key) ?? [];
    const near = sessions.filter(({ start, last }) => time > start - this.#gap && time < last + this.#gap);
    if (near.length === 0 && this.#isLate(time)) throw new DocumentError("Input document arrived late.");
    const from = { [origin.partition]: origin.offset };
    const joined = join([...near, { partition, start: time, last: time, documents: [envelope], from }]);
    this.#sessions.set(key, [...sessions.filter((session) => !near.includes(session)), joined]);
    this.#nextClose = Math.min(this.#nextClose, this.#closesAt(joined));
  }

  #isLate(time: number): boolean {
    const { sessionLateAgainst } = this.#context.constants;
    return time < (sessionLateAgainst === "watermark" ? this.#time : this.#time - this.#lateness);
  }

  advance(time: number): Envelope[] {
    if (time <= this.#time) return [];
    this.#time = time;
    if (time < this.#nextClose) return [];
    const closing: Session[] = [];
    this.#nextClose = Infinity;
    for (const [key, sessions] of this.#sessions) {
      const open = sessions.filter((session) => this.#closesAt(session) > time);
      closing.push(...sessions.filter((session) => !open.includes(session)));
      if (open.length === 0) this.#sessions.delete(key);
      else this.#sessions.set(key, open);
      for (const session of open) this.#nextClose = Math.min(this.#nextClose, this.#closesAt(session));
    }
    return closing.sort((a, b) => a.last - b.last || a.start - b.start).flatMap((session) => this.#close(session));
  }

  #close({ start, last, partition, documents }: Session): readonly Envelope[] {
    const window = { start, end: last + this.#gap, partition };
    const state = this.#inner.open();
    for (const envelope of documents) state.add(inWindow(envelope, window));
    return state.close(window);
  }

  #closesAt({ last }: Session): number {
    return last + this.#gap + this.#lateness;
  }

  nextClose(): number {
    return this.#nextClose;
  }

  /** Sessions have no idle timeout. */
  nextIdle(): number {
    return Infinity;
  }

  idle(_idleMs: number, watermark: number): { closed: Envelope[]; watermark: number } {
    return { closed: [], watermark };
  }

  save(): SavedWindows {
    return {
      closedUntil: Number.isFinite(this.#time) ? this.#time : null,
      open: [...this.#sessions.values()].flat().map(({ start, last, partition, documents, from }) => ({
        ...{ start, end: last, partition: toEjson(partition), state: toEjson(documents), from: { ...from } },
      })),
    };
  }

  restore(saved: SavedWindows): void {
    this.#time = saved.closedUntil ?? -Infinity;
    for (const { start, end, partition, state, from } of saved.open) {
      const value = fromEjson(partition);
      const session = {
        start,
        last: end,
        partition: value,
        documents: fromEjson(state) as Envelope[],
        from: { ...from },
      };
      this.#sessions.set(keyOf(value), [...(this.#sessions.get(keyOf(value)) ?? []), session]);
      this.#nextClose = Math.min(this.#nextClose, this.#closesAt(session));
    }
  }

  recompute(saved: SavedWindows): void {
    // Which of the documents that are read again belong to sessions that were closed is not known.
    if (saved.open.length > 0) throw new CannotSimulate("a changed $sessionWindow while sessions are open", this.path);
    this.#time = saved.closedUntil ?? -Infinity;
  }
}

/** Several sessions become one: its documents in the order of the sessions. */
function join([first, ...rest]: readonly Session[]): Session {
  if (first === undefined) throw new Error("there is always the document's own session");
  return rest.reduce((joined, session) => {
    const from = { ...joined.from };
    for (const [partition, offset] of Object.entries(session.from))
      from[partition] = Math.min(from[partition] ?? Infinity, offset);
    joined.documents.push(...session.documents);
    return {
      ...{ partition: joined.partition, documents: joined.documents, from },
      ...{ start: Math.min(joined.start, session.start), last: Math.max(joined.last, session.last) },
    };
  }, first);
}
