import type { JsonPath } from "../json/document.ts";
import { CannotSimulate, PipelineRefused } from "./errors.ts";
import { emitSink } from "./sinks/emit.ts";
import { mergeSink } from "./sinks/merge.ts";
import type { Sink } from "./sinks/sink.ts";
import { Source } from "./source/source.ts";
import { placed } from "./stages/places.ts";
import { stageOf, stageParts } from "./stages/segments.ts";
import type { Stage, StageContext } from "./stages/stage.ts";
import { type Doc, isDoc } from "./values/types.ts";
import type { InnerRunner } from "./windows/inner.ts";
import { Sessions } from "./windows/sessions.ts";
import { TimeWindows } from "./windows/time-windows.ts";
import type { WindowStage } from "./windows/window.ts";

/** A pipeline that can run. */
export interface CompiledPipeline {
  source: Source;
  /** A document came out of the source, or should have. */
  arrived: () => void;
  before: Stage[];
  window: WindowStage | undefined;
  after: Stage[];
  sink: Sink;
}

export interface CompileOptions {
  /** Kinds of connections by name, where they are known. */
  connections: ReadonlyMap<string, string>;
  /** Partitions that the source has from the start. */
  partitions: number | undefined;
  runner: Omit<InnerRunner, "madeHere">;
}

const isWindow = (name: string) => /^\$(?:tumbling|hopping|session)Window$/.test(name);

/** Compiles a whole pipeline. @throws SimulationError */
export function compilePipeline(
  pipeline: readonly unknown[],
  context: StageContext,
  options: CompileOptions,
): CompiledPipeline {
  const root: JsonPath = ["pipeline"];
  const stages = pipeline.map((stage, index) => ({ ...stageParts(stage, [...root, index]), index }));
  const [first, ...rest] = stages;
  if (first === undefined) throw new PipelineRefused("a pipeline has at least a $source and a sink", root);
  if (first.name !== "$source") throw new PipelineRefused("the first stage is $source", [...root, 0]);
  const last = rest.pop();
  if (last === undefined) throw new PipelineRefused("a pipeline ends with a sink", root);
  const name = isDoc(first.argument) ? String(first.argument["connectionName"]) : "";
  const given = { connectionType: options.connections.get(name), partitions: options.partitions };
  const at = ({ name: stage, index }: { name: string; index: number }): JsonPath => [...root, index, stage];
  const arrived = context.point(at(first));
  const source = new Source(first.argument, at(first), context, given);
  refuseWindowsOfInitialSync(first.argument, rest, at);
  const compiled: CompiledPipeline = { source, arrived, before: [], window: undefined, after: [], sink: unfinished };
  for (const stage of rest) {
    if (isWindow(stage.name) && compiled.window === undefined) {
      const reached = context.point(at(stage));
      const runner = { ...options.runner, madeHere: source.madeHere };
      compiled.window = counted(windowOf(stage.name, stage.argument, at(stage), context, runner), reached);
      continue;
    }
    placed(stage.name, "main", [...root, stage.index]);
    const list = compiled.window === undefined ? compiled.before : compiled.after;
    list.push(stageOf(stage.name, stage.argument, at(stage), context));
  }
  source.partitions.timed = compiled.window !== undefined;
  return { ...compiled, sink: sinkOf(last.name, last.argument, at(last), context) };
}

const unfinished: Sink = { name: "", path: [], write: () => ({ into: "", doc: null }) };

function refuseWindowsOfInitialSync(
  source: unknown,
  stages: readonly { name: string; index: number }[],
  at: (stage: { name: string; index: number }) => JsonPath,
): void {
  const sync = isDoc(source) && isDoc(source["initialSync"]) && source["initialSync"]["enable"] === true;
  const window = sync ? stages.find(({ name }) => isWindow(name)) : undefined;
  if (window !== undefined) throw new PipelineRefused("initialSync does not go with a window", at(window));
}

function windowOf(
  name: string,
  argument: unknown,
  path: JsonPath,
  context: StageContext,
  runner: InnerRunner,
): WindowStage {
  return name === "$sessionWindow"
    ? new Sessions(argument, path, context, runner)
    : new TimeWindows(name, argument, path, context, runner);
}

function counted(window: WindowStage, reached: () => void): WindowStage {
  const add = window.add.bind(window);
  window.add = (envelope, origin) => {
    reached();
    add(envelope, origin);
  };
  return window;
}

function sinkOf(name: string, argument: unknown, path: JsonPath, context: StageContext): Sink {
  if (name === "$merge" || name === "$emit") {
    const reached = context.point(path);
    const sink = name === "$merge" ? mergeSink(argument, path, context) : emitSink(argument, path, context);
    return { ...sink, write: (envelope) => (reached(), sink.write(envelope)) };
  }
  if (name === "$https" || name === "$externalFunction") return callingSink(name, argument, path, context);
  if (name === "$iceberg") throw new CannotSimulate("$iceberg", path);
  throw new PipelineRefused(`a pipeline ends with a sink, and ${name} is none`, path);
}

/** A request that nothing comes after. */
function callingSink(name: string, argument: unknown, path: JsonPath, context: StageContext): Sink {
  const given = argument as Doc;
  if (name === "$externalFunction" && given["execution"] !== "async")
    throw new PipelineRefused("$externalFunction ends a pipeline only where execution is async", path);
  const stage = stageOf(name, argument, path, context);
  const into = [given["connectionName"], given["functionName"]].filter((part) => typeof part === "string").join(".");
  return {
    ...{ name, path },
    write(envelope) {
      stage.reached();
      stage.apply(envelope);
      return { into, doc: envelope.doc };
    },
  };
}
