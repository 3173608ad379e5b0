import { isDocument, member } from "../../../streams/engine/lint/subject.ts";
import type { DeadLetterQueue } from "../../../streams/engine/files/documents.ts";
import { type StageText, pipelineText, readStages, stageOf } from "./pipeline.ts";
import { besideOthers, kindOfSource, sourceOf } from "./position.ts";
import { sliceStage } from "./slice.ts";

/** A definition as Atlas gets it. */
export interface Definition {
  text: string;
  dlq: DeadLetterQueue | undefined;
}

/** A version that runs beside what stands and writes where nobody reads. */
export interface Trial extends Definition {
  /** Where its results and its dead letters go; for people, who may drop the collections. */
  into: { results: string; deadLetters: string | undefined };
  /** What it does to others all the same. */
  warnings: readonly string[];
}

export interface TrialRequest {
  /** The new version's definition. */
  definition: Definition;
  processor: string;
  /** Short digest of the definition. */
  digest: string;
  /** Reads documents for nobody else. */
  group: string;
  /** Only this share of the documents, in percent; all without. */
  percent?: number;
}

/** Collections of trials end like this. */
const suffixOf = (digest: string): string => `__${digest}_shadow`;

const sinks = ["$merge", "$emit", "$iceberg", "$https", "$externalFunction"];

/**
 * Pure: the trial of a version. It does what the version does, in a group of its own and into collections of its own.
 * @returns `refused` where its results cannot be led away from what others read.
 */
export function trialOf(request: TrialRequest): Trial | { refused: string } {
  const { definition, digest, group, percent } = request;
  const stages = readStages(besideOthers(definition.text, group));
  const sink = stages.at(-1);
  const led = sink === undefined ? undefined : ledAway(sink, request);
  if (led === undefined)
    return {
      refused:
        `${sink?.name ?? "its last stage"} cannot be led into a collection instead: it has no dead letter queue, whose connection ` +
        "that would be; give it one, or use rollout in-place",
    };
  const [source, ...between] = stages.slice(0, -1);
  const slice = percent === undefined ? [] : [sliceStage(kindOfSource(sourceOf(definition.text)), percent)];
  const dlq = definition.dlq && { ...definition.dlq, coll: definition.dlq.coll + suffixOf(digest) };
  return {
    text: pipelineText([...(source === undefined ? [] : [source]), ...slice, ...between, led.stage]),
    dlq,
    into: { results: led.into, deadLetters: dlq && `${dlq.connectionName}.${dlq.db}.${dlq.coll}` },
    warnings: callsOf(between),
  };
}

/** The sink of a trial; undefined where there is no place for it. */
function ledAway(sink: StageText, request: TrialRequest): { stage: StageText; into: string } | undefined {
  if (sink.name === "$merge") return mergedAway(sink, request.digest);
  const { dlq } = request.definition;
  if (!sinks.includes(sink.name) || dlq === undefined) return undefined;
  const into = { connectionName: dlq.connectionName, db: dlq.db, coll: request.processor + suffixOf(request.digest) };
  return { stage: stageOf("$merge", { into }), into: `${into.connectionName}.${into.db}.${into.coll}` };
}

/** Unique indexes are where the results belong, and not in a collection that comes and goes: there `_id` decides. */
function mergedAway({ operand }: StageText, digest: string): { stage: StageText; into: string } | undefined {
  const { into, on, whenMatched, ...others } = isDocument(operand) ? operand : {};
  if (!isDocument(into)) return undefined;
  const { coll } = into;
  const suffix = suffixOf(digest);
  const away = typeof coll === "string" ? literalOr(coll, suffix) : { $concat: [coll, suffix] };
  const byId = on === undefined || on === "_id";
  const matched = byId && whenMatched !== undefined ? { whenMatched } : {};
  const named = [into["connectionName"], into["db"], away].map((part) =>
    typeof part === "string" ? part : JSON.stringify(part),
  );
  const { whenNotMatched, ...rest } = others;
  const unmatched = byId && whenNotMatched !== undefined ? { whenNotMatched } : {};
  const stage = stageOf("$merge", { into: { ...into, coll: away }, ...matched, ...unmatched, ...rest });
  return { stage, into: named.join(".") };
}

/** A name, or a field that holds it. */
const literalOr = (coll: string, suffix: string): unknown =>
  coll.startsWith("$") ? { $concat: [coll, suffix] } : coll + suffix;

/** Pure: whether a pipeline writes where only trials write. */
export function writesAside(text: string, digest: string): boolean {
  const sink = readStages(text).at(-1);
  const coll = sink?.name === "$merge" ? member(sink.operand, "into", "coll") : undefined;
  const parts = member(coll, "$concat");
  const ending = Array.isArray(parts) ? (parts.at(-1) as unknown) : coll;
  return typeof ending === "string" && ending.endsWith(suffixOf(digest));
}

/** Pure: what a trial becomes that goes into service as it is: it reads on where it reads, and writes where the version is to write. */
export function putInPlace(trial: string, definition: string): string {
  const [source] = readStages(trial);
  return source === undefined ? definition : pipelineText([source, ...readStages(definition).slice(1)]);
}

/** Stages in the middle that ask others: they are asked by the trial, too. */
function callsOf(stages: readonly StageText[]): string[] {
  return stages
    .filter(({ name }) => name === "$https" || name === "$externalFunction")
    .map(({ name, operand }) => {
      const { connectionName, functionName, method = "GET" } = isDocument(operand) ? operand : {};
      const whom = String(name === "$https" ? connectionName : (functionName ?? connectionName));
      const how = name === "$https" ? ` (${String(method)})` : "";
      return `${name} asks ${whom}${how} for the trial as well, beside what runs`;
    });
}
