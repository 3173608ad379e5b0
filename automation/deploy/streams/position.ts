import { isDocument, member } from "../../../streams/engine/lint/subject.ts";
import type { AtlasStats } from "../../streams/atlas/types.ts";
import { pipelineText, readStages, stageOf } from "./pipeline.ts";

/** Where a new version begins to read. */
export type Position =
  /** After the last change that the version before processed, exactly. */
  | { kind: "resume-token"; token: unknown }
  /** Where the consumer group stands; versions that follow each other share it. */
  | { kind: "consumer-group"; group: string }
  /** Wherever its own settings say, as nobody left a place that means something to it. */
  | { kind: "own"; why: string };

/** A version that leaves a place. */
export interface Leaving {
  /** Its pipeline as JSON. */
  text: string;
  stats: AtlasStats;
}

type Source = Readonly<Record<string, unknown>>;
type SourceKind = "kafka" | "change-stream" | "kinesis" | "other";

/** Consumer groups that nobody named get names of their own, which are known again. */
const ownGroups = "slipway-";

export const groupFor = (workspace: string, processor: string): string => `${ownGroups}${workspace}-${processor}`;

/** The group of one version alone: that of its processor, with its digest behind. */
export const groupOfVersion = (text: string, processorGroup: string, digest: string): string =>
  `${groupOf(sourceOf(text)) ?? processorGroup}-${digest}`;

const processorGroupOf = (group: string): string => group.replace(/-[0-9a-f]{8}$/, "");

export function sourceOf(text: string): Source {
  const [source] = readStages(text);
  return source?.name === "$source" && isDocument(source.operand) ? source.operand : {};
}

/** Pure: what a source reads, by its fields. */
export function kindOfSource(source: Source): SourceKind {
  if (Object.hasOwn(source, "documents")) return "other";
  if (Object.hasOwn(source, "topic")) return "kafka";
  if (Object.hasOwn(source, "stream")) return "kinesis";
  // Sample data have neither; a change stream of a whole cluster is told by its config.
  return Object.hasOwn(source, "db") || Object.hasOwn(source, "config") || Object.hasOwn(source, "initialSync")
    ? "change-stream"
    : "other";
}

const groupOf = (source: Source): string | undefined => {
  const group = member(source, "config", "group_id");
  return typeof group === "string" && group !== "" ? group : undefined;
};

const readsSame = (a: Source, b: Source): boolean =>
  ["connectionName", "topic", "db", "coll", "stream", "documents"].every(
    (key) => JSON.stringify(a[key]) === JSON.stringify(b[key]),
  );

/**
 * Pure: why a processor cannot be handed over at all, whatever runs. A place that its file names would be another than the one where the
 * version before it ended.
 */
export function notToBeHandedOver(text: string): string | undefined {
  const source = sourceOf(text);
  const kind = kindOfSource(source);
  if (kind === "kinesis")
    return "its $source reads Kinesis, which has no place that another processor could go on from; use rollout in-place";
  const fixed = ["startAfter", "startAtOperationTime"].find(
    (key) => member(source, "config", key) !== undefined && kind === "change-stream",
  );
  return fixed === undefined
    ? undefined
    : `its $source.config.${fixed} says where to begin, and so does a handover; remove it, or use rollout in-place`;
}

/**
 * Pure: where a version goes on after another.
 * @returns `refused` where documents would be lost or processed again, and nobody could say which.
 */
export function positionAfter(leaving: Leaving, wanted: string): Position | { refused: string } {
  const [old, now] = [sourceOf(leaving.text), sourceOf(wanted)];
  if (!readsSame(old, now)) return { kind: "own", why: "it reads something else than the version before" };
  const kind = kindOfSource(now);
  if (kind === "kafka") return groupAfter(old, now);
  if (kind === "kinesis") return { refused: notToBeHandedOver(wanted) ?? "" };
  if (kind === "other") return { kind: "own", why: "its source has no places" };
  const token = leaving.stats.changeStreamState;
  if (token === undefined || token === null)
    return leaving.stats.inputMessageCount === 0
      ? { kind: "own", why: "the version before has read nothing yet" }
      : { refused: "Atlas tells no resume token of the version before, so nobody knows where it ended" };
  return { kind: "resume-token", token };
}

function groupAfter(old: Source, now: Source): Position | { refused: string } {
  const [had, wants] = [groupOf(old), groupOf(now)];
  if (had === undefined)
    return {
      refused:
        "the version before reads Kafka with a consumer group of Atlas' own, which no other processor can go on from; " +
        "name $source.config.group_id and deploy that in place first",
    };
  if (wants !== undefined && wants !== had && wants !== processorGroupOf(had))
    return { kind: "own", why: `its consumer group is another: ${wants} after ${had}` };
  return { kind: "consumer-group", group: had };
}

/** The place where the first version of a processor begins. */
export const firstPosition: Position = { kind: "own", why: "it is the first version" };

/**
 * Pure: a pipeline that begins at a place. Everything but its source keeps its text. One that reads Kafka in nobody's group gets `group`, so
 * that those after it can go on from there.
 */
export function placedAt(text: string, position: Position, group: string): string {
  const [first, ...rest] = readStages(text);
  const source = sourceOf(text);
  const placed = placedSource(source, position, group);
  return first === undefined || placed === source ? text : pipelineText([stageOf(first.name, placed), ...rest]);
}

function placedSource(source: Source, position: Position, group: string): Source {
  const config = isDocument(source["config"]) ? source["config"] : {};
  if (position.kind === "resume-token")
    return { ...synced(source, false), config: { ...config, startAfter: position.token } };
  if (kindOfSource(source) !== "kafka") return source;
  const joined = position.kind === "consumer-group" ? position.group : (groupOf(source) ?? group);
  return joined === groupOf(source) ? source : { ...source, config: { ...config, group_id: joined } };
}

/** What is there already was copied by the first version; no later one does it again. */
function synced(source: Source, enable: boolean): Source {
  const sync = source["initialSync"];
  return isDocument(sync) ? { ...source, initialSync: { ...sync, enable } } : source;
}

/** Pure: the same pipeline read from now on, in a group of its own: it takes nothing away from what runs. */
export function besideOthers(text: string, group: string): string {
  const [first, ...rest] = readStages(text);
  const source = sourceOf(text);
  const kind = kindOfSource(source);
  if (first === undefined || kind === "other" || kind === "kinesis") return text;
  const config = isDocument(source["config"]) ? source["config"] : {};
  const beside =
    kind === "kafka"
      ? { ...source, config: { ...config, group_id: group, auto_offset_reset: "latest" } }
      : synced(source, false);
  return pipelineText([stageOf(first.name, beside), ...rest]);
}

/**
 * Pure: the definitions that a pipeline in Atlas may have come from: itself, or what it was before a handover wrote into its source where to
 * begin. Which of them it was, its digest says.
 */
export function definitionsOf(text: string): string[] {
  const [first, ...rest] = readStages(text);
  if (first?.name !== "$source" || !isDocument(first.operand)) return [text];
  const source = first.operand;
  const sources = [
    source,
    ...configsOf(source)
      .map((config) => withConfig(source, config))
      .flat(),
  ];
  const candidates = sources.flatMap((operand) => [operand, synced(operand, true)]);
  return [...new Set([text, ...candidates.map((operand) => pipelineText([stageOf(first.name, operand), ...rest]))])];
}

/** What a config may have been. Keys that stay keep their order. */
function configsOf(source: Source): Source[] {
  const { startAfter: _, ...config } = isDocument(source["config"]) ? source["config"] : {};
  const group = config["group_id"];
  if (typeof group !== "string") return [config];
  const { group_id: __, ...without } = config;
  const named = processorGroupOf(group);
  const grouped = [config, { ...config, group_id: named }, ...(group.startsWith(ownGroups) ? [without] : [])];
  // Only a version with a group of its own begins with what comes from then on.
  return named === group ? grouped : grouped.flatMap(beginnings);
}

function beginnings(config: Source): Source[] {
  if (config["auto_offset_reset"] !== "latest") return [config];
  const { auto_offset_reset: _, ...without } = config;
  return [config, { ...config, auto_offset_reset: "earliest" }, without];
}

function withConfig(source: Source, config: Source): Source[] {
  const { config: _, ...bare } = source;
  const kept = { ...source, config };
  return Object.keys(config).length === 0 ? [bare, kept] : [kept];
}
