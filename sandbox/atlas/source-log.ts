import { createHash } from "node:crypto";

import { fromEjson } from "../../streams/engine/simulator/values/ejson.ts";
import { type Doc, isDoc } from "../../streams/engine/simulator/values/types.ts";

/** One document of a sample, as Extended JSON. */
export interface SampleDocument {
  doc: Doc;
  options?: { key?: unknown; headers?: { k: string; v: unknown }[] | undefined; eventTime?: string | undefined };
}

/** Documents that a source delivers over and over. */
export interface Sample {
  documents: readonly SampleDocument[];
  /** Partitions that they are spread over. */
  partitions: number;
  /** Fields beside `_id` that are new whenever the sample begins again. */
  fresh: readonly string[];
}

/** What a source delivers at one position. */
export interface Delivery {
  doc: Doc;
  /** When the source got it, by its own simulated clock. */
  arrivedAt: number;
  key?: unknown;
  headers?: { k: string; v: unknown }[] | undefined;
}

/** Time between documents of a sample that says nothing about time. */
const secondsApart = 1;
/** Where the clock of such a sample begins. */
const beginning = Date.parse("2026-01-01T00:00:00Z");

/**
 * A source without end, made of a sample: the n-th document is the same whoever reads it and whenever. When the sample is through it begins
 * again, with event times that go on and identifiers that are new.
 */
export class SourceLog {
  readonly #sample: Sample;
  readonly #first: number;
  readonly #span: number;

  constructor(sample: Sample) {
    this.#sample = sample;
    const times = sample.documents.flatMap(({ doc }) => timesIn(doc));
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const dated = times.length > 0;
    this.#first = dated ? first : beginning;
    const apart = dated ? Math.max(1000 * secondsApart, (last - first) / sample.documents.length) : 1000 * secondsApart;
    this.#span = Math.ceil((dated ? last - first : (sample.documents.length - 1) * apart) + apart);
  }

  get partitions(): number {
    return this.#sample.partitions;
  }

  /** The n-th document. */
  at(n: number): Delivery {
    const { documents, fresh } = this.#sample;
    const [round, index] = [Math.floor(n / documents.length), n % documents.length];
    const { doc, options = {} } = documents[index] as SampleDocument;
    const shifted = round === 0 ? doc : (moved(doc, round * this.#span) as Doc);
    const renewed = round === 0 ? shifted : withFreshIds(shifted, ["_id", ...fresh], round);
    return {
      doc: fromEjson(renewed) as Doc,
      arrivedAt: this.arrival(n),
      ...(options.key === undefined ? {} : { key: fromEjson(options.key) }),
      ...(options.headers === undefined ? {} : { headers: options.headers }),
    };
  }

  /** The first document that arrives at a time or later. */
  since(time: number): number {
    const { length } = this.#sample.documents;
    const round = Math.max(0, Math.floor((time - this.#first) / this.#span));
    const index = Math.ceil(((time - this.#first - round * this.#span) * length) / this.#span);
    return Math.max(0, round * length + Math.max(0, index));
  }

  /** When the n-th document arrives. */
  arrival(n: number): number {
    const { length } = this.#sample.documents;
    return this.#first + Math.floor(n / length) * this.#span + Math.floor(((n % length) * this.#span) / length);
  }
}

/** A point in time as text, with or without a zone. */
const moment = /^(\d{4}-\d{2}-\d{2})([T ])(\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;
/** Numbers that are milliseconds since 1970, from 2001 to 2286. */
const isEpoch = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value > 1e12 && value < 1e13;

function timeOfText(text: string): number | undefined {
  const [, day, , time, fraction = "", zone = "Z"] = moment.exec(text) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone}`);
}

/** Every point in time of a document. */
function timesIn(value: unknown): number[] {
  if (typeof value === "string") return [timeOfText(value) ?? NaN].filter((time) => !Number.isNaN(time));
  if (isEpoch(value)) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(timesIn);
}

/** The same document, later. */
function moved(value: unknown, by: number): unknown {
  if (typeof value === "string") return movedText(value, by);
  if (isEpoch(value)) return value + by;
  if (Array.isArray(value)) return value.map((each) => moved(each, by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, moved(each, by)]));
}

function movedText(text: string, by: number): string {
  const time = timeOfText(text);
  if (time === undefined || Number.isNaN(time)) return text;
  const [, , separator = "T", , fraction, zone] = moment.exec(text) ?? [];
  const later = new Date(time + by).toISOString();
  // Another zone than UTC is written as UTC: it is the same moment.
  const end = zone === undefined ? "" : "Z";
  return `${later.slice(0, 10)}${separator}${later.slice(11, 19)}${fraction === undefined ? "" : later.slice(19, 23)}${end}`;
}

function withFreshIds(doc: Doc, fields: readonly string[], round: number): Doc {
  const entries = Object.entries(doc).map(([key, value]) => {
    if (fields.includes(key)) return [key, freshId(value, round)];
    return [key, key === "documentKey" || key === "fullDocument" ? freshInside(value, fields, round) : value];
  });
  return Object.fromEntries(entries) as Doc;
}

const freshInside = (value: unknown, fields: readonly string[], round: number): unknown =>
  isDoc(value) ? withFreshIds(value, fields, round) : value;

/** Another identifier of the same kind. */
function freshId(value: unknown, round: number): unknown {
  if (typeof value === "number") return value + round * 1_000_000;
  if (typeof value === "string") return `${value}-${round}`;
  if (isDoc(value) && typeof value["$oid"] === "string")
    return { $oid: createHash("sha256").update(`${value["$oid"]}#${round}`).digest("hex").slice(0, 24) };
  return value;
}
