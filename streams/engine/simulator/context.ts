import { defaultConstants } from "./constants.ts";
import type { Coverage } from "./coverage.ts";
import { Evaluator } from "./expressions/evaluator.ts";
import { compileSegments } from "./stages/segments.ts";
import type { StageContext } from "./stages/stage.ts";
import type { SimulatorOptions } from "./types.ts";
import type { World } from "./world/world.ts";

/** What stages of one processor are made with. */
export function contextOf(
  options: SimulatorOptions,
  world: World,
  coverage: Coverage,
  waited: (milliseconds: number) => void,
): StageContext {
  const constants = { ...defaultConstants, ...options.constants };
  const runtime = {
    meta: { source: {} },
    functionTimeoutMs: constants.functionTimeoutMs,
    now: () => world.now,
    uuid: () => world.ids.uuid(),
    objectId: () => world.ids.objectId(),
    random: () => world.ids.random(),
    took: (expression: object, branch: string) => coverage.took(expression, branch),
  };
  return {
    evaluator: new Evaluator(runtime, (expression, path, names) => coverage.branches(expression, path, names)),
    world,
    constants,
    point: (path, branch) => coverage.point(path, branch),
    waited,
    segments: compileSegments,
  };
}
