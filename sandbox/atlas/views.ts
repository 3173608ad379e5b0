import type { Seen } from "./core.ts";
import { addedParallelism, documentsPerSecond, latencyOf, memoryOf } from "./figures.ts";
import { resumeToken } from "./feed.ts";
import { wantedOf, type Known } from "./record.ts";
import { producedBy, type Run } from "./run.ts";
import type { ConnectionDocument, WorkspaceDocument } from "./state.ts";

/** A part of an answer that is JSON already: its keys stay in their order. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type View = Record<string, unknown>;

/** JSON of an answer, with parts that were JSON before. */
export function jsonOf(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map((each) => jsonOf(each ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${jsonOf(each)}`).join(",")}}`;
}

export function workspaceView(projectId: string, { name, body }: Known<WorkspaceDocument>): View {
  const { id, dataProcessRegion, streamConfig } = body;
  const region = dataProcessRegion.region.toLowerCase().replaceAll("_", "-");
  const hostnames = [`atlas-stream-${id}-${id.slice(0, 6)}.${region}.a.query.mongodb.net`];
  return { _id: id, groupId: projectId, name, dataProcessRegion, hostnames, streamConfig };
}

/** Members whose values nobody gets back. */
const hidden = new Set(["password", "clientSecret", "schemaRegistryAuthentication", "sslKey", "sslKeyPassword"]);

/** A connection without its secrets: values of headers are as secret as passwords. */
export function connectionView({ body }: Known<ConnectionDocument>): View {
  const { headers, ...rest } = body;
  const shown = withoutSecrets(rest) as View;
  const names = typeof headers === "object" && headers !== null ? Object.keys(headers) : undefined;
  const masked = names && Object.fromEntries(names.map((name) => [name, "********"]));
  return { ...shown, state: "READY", ...(masked === undefined ? {} : { headers: masked }) };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !hidden.has(key));
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutSecrets(each)]));
}

/** The state that the API shows. */
export function shownState({ run, recorded }: Pick<Seen, "run" | "recorded">, now: number): string {
  if (run === undefined)
    return recorded !== undefined && wantedOf(recorded).state === "STOPPED" ? "STOPPED" : "CREATED";
  return run.state === "STARTED" && now < run.readyAt ? "PROVISIONING" : run.state;
}

export function processorView(seen: Seen, now: number): View {
  const { name, body, run } = seen;
  const { id, pipelineText, dlq, tier, autoscaling, failoverEnabled } = body;
  const options = dlq === undefined ? undefined : { dlq };
  return {
    _id: id,
    name,
    pipeline: new RawJson(pipelineText),
    ...{ options, autoscaling, failoverEnabled },
    state: shownState(seen, now),
    ...{ tier: tier ?? run?.tier, effectiveTier: run?.tier },
    ...(run?.error === undefined ? {} : { errorMsg: run.error }),
    stats: run?.position === undefined ? {} : statsOf({ name, id }, run),
  };
}

/** Statistics in the form of `sp.processor.stats()`. */
function statsOf({ name, id }: { name: string; id: string }, run: Run): View {
  const pipeline = JSON.parse(run.definition.pipelineText) as unknown[];
  const { counts } = run.position as NonNullable<Run["position"]>;
  const watermark = run.position?.windows === null ? null : run.position?.source.watermark;
  const latency = latencyOf(pipeline, run.tier);
  return {
    ...{ name, processorId: id, status: run.state === "STARTED" ? "running" : run.state.toLowerCase(), scaleFactor: 1 },
    inputMessageCount: counts.input,
    inputMessageSize: run.sizes.input,
    outputMessageCount: counts.output,
    outputMessageSize: run.sizes.output,
    dlqMessageCount: counts.dlq,
    dlqMessageSize: run.sizes.dlq,
    memoryUsageBytes: memoryOf(pipeline, run.stateSize),
    stateSize: run.stateSize,
    addedParallelism: addedParallelism(pipeline),
    lastMessageIn: run.lastMessageIn,
    watermark: typeof watermark === "number" ? new Date(watermark).toISOString() : undefined,
    latency: { ...latency, unit: "microseconds" },
    ...sourceStats(pipeline, run),
  };
}

/** How far a source was read. */
function sourceStats(pipeline: readonly unknown[], run: Run): View {
  const [first] = pipeline as { $source?: Record<string, unknown> }[];
  const ends = run.partitions.map(({ partition, of }) => Math.ceil((producedBy(run.passed) - partition) / of));
  const source = first?.$source ?? {};
  if (source["topic"] !== undefined) {
    const kafkaPartitions = run.partitions.map(({ topic, partition }, index) => ({
      ...{
        topic,
        partition,
        currentOffset: run.offsets[index] ?? 0,
        checkpointOffset: run.checkpointOffsets[index] ?? 0,
      },
      partitionOffsetLag: Math.max(0, (ends[index] ?? 0) - (run.offsets[index] ?? 0)),
      isIdle: false,
    }));
    return {
      kafkaPartitions,
      kafkaTotalOffsetLag: kafkaPartitions.reduce((sum, each) => sum + each.partitionOffsetLag, 0),
    };
  }
  const next = run.offsets[0];
  if (source["db"] === undefined || next === undefined) return {};
  // Before the first event there is no token.
  const changeStreamState = next > 0 ? { changeStreamState: { _data: resumeToken(next - 1) } } : {};
  return {
    ...changeStreamState,
    changeStreamTimeDifferenceSecs: Math.max(0, ((ends[0] ?? 0) - next) / documentsPerSecond),
  };
}
