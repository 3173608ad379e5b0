import type { JsonPath } from "../../json/document.ts";
import { PipelineRefused } from "../errors.ts";
import { isDoc } from "../values/types.ts";
import { type Blocking, blockingStage, isBlocking } from "./blocking.ts";
import { placed } from "./places.ts";
import { stageMakers } from "./registry.ts";
import type { Place, Stage, StageContext } from "./stage.ts";

/** The name and argument of a stage. @throws PipelineRefused where it is not one */
export function stageParts(stage: unknown, path: JsonPath): { name: string; argument: unknown } {
  const keys = isDoc(stage) ? Object.keys(stage) : [];
  const [name = ""] = keys;
  if (!isDoc(stage) || keys.length !== 1 || !name.startsWith("$"))
    throw new PipelineRefused("a stage is an object with one operator", path);
  return { name, argument: stage[name] };
}

/** Compiles a pipeline: stages that take one document at a time, and those that need all. @throws SimulationError */
export function compileSegments(
  stages: unknown,
  path: JsonPath,
  place: Place,
  context: StageContext,
): (Stage | Blocking)[] {
  if (!Array.isArray(stages)) throw new PipelineRefused("a pipeline is a list of stages", path);
  return stages.map((stage: unknown, index) => {
    const at = [...path, index];
    const { name, argument } = stageParts(stage, at);
    placed(name, place, at);
    const inside = [...at, name];
    if (isBlocking(name)) return blockingStage(name, argument, inside, context);
    return stageOf(name, argument, inside, context);
  });
}

/** Compiles one stage that takes a document at a time. */
export function stageOf(name: string, argument: unknown, path: JsonPath, context: StageContext): Stage {
  const make = stageMakers[name];
  if (make === undefined) throw new Error(`there is no maker of ${name}`);
  // A stage stands before its branches in a report.
  const reached = context.point(path);
  return { name, path, reached, apply: make(argument, path, context) };
}
