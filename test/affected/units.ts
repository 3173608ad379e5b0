import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRouter, type Router } from "../../automation/affected/router.ts";
import { parseUnits } from "../../config/units.ts";

/** A unit as a test writes it; what it leaves out is empty. */
export interface UnitLine {
  name: string;
  paths: string[];
  needs?: string[];
  stacks?: string[];
}

/** A router over these units, the last of which is the fallback. */
export function routerOver(units: readonly UnitLine[]): Router {
  const full = units.map((one) => ({ needs: [], stacks: [], ...one }));
  return createRouter(parseUnits(JSON.stringify({ fallback: units.at(-1)?.name, units: full })));
}

/** The router of this repository. */
export function ownRouter(): Router {
  return createRouter(parseUnits(readFileSync(join(import.meta.dirname, "..", "..", "config", "units.yaml"), "utf8")));
}
