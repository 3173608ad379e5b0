import { affectedUnits } from "../automation/affected/affected.ts";
import { createRouter } from "../automation/affected/router.ts";
import { parseUnits } from "../config/units.ts";
import { median } from "./measure.ts";
import type { Row } from "./report.ts";

const unitCount = 200;
const sizes = [25_000, 100_000] as const;
const rounds = 5;
const budget = 0.25;

/** Units as repositories have them: folders, files at any depth, names in the path, braces; each needs the one before it. */
function generatedUnits(count: number): string {
  const units = Array.from({ length: count }, (_, index) => ({
    name: `unit-${index}`,
    paths: [`area-${index % 20}/unit-${index}/**`, `shared/{lib,tools}-${index}/*.ts`, `**/unit-${index}.config.json`],
    needs: index % 10 === 0 ? [] : [`unit-${index - 1}`],
    stacks: ["dev", "staging", "prod"],
  }));
  const named = { name: "services/<service>", paths: ["services/<service>/**"], stacks: ["dev"] };
  const rest = { name: "rest", paths: ["index.ts", "**/*.md"], stacks: ["dev"] };
  return JSON.stringify({ fallback: "rest", units: [...units, named, rest] });
}

/** Most paths lie in a unit, some in none, and folders are as deep as in a real tree. */
function generatedPaths(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const unit = index % unitCount;
    const file = `folder-${index % 97}/part-${index % 13}/file-${index}.ts`;
    switch (index % 10) {
      case 0:
        return `shared/lib-${unit}/file-${index}.ts`;
      case 1:
        return `services/service-${index % 50}/app/${file}`;
      case 2:
        return `nobody/${file}`;
      default:
        return `area-${unit % 20}/unit-${unit}/${file}`;
    }
  });
}

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** Changed paths to affected units with their reasons, the units compiled anew each time as a command does. */
export function affectedMatching(): Row[] {
  const yaml = generatedUnits(unitCount);
  const units = parseUnits(yaml);
  const times = new Map<number, number>();
  for (const size of sizes) {
    const paths = generatedPaths(size);
    const once = () =>
      void affectedUnits({
        router: createRouter(units),
        changes: paths,
        paths: paths.slice(0, 1000),
        dependents: true,
      });
    once();
    times.set(size, median(Array.from({ length: rounds }, () => seconds(once))));
  }
  const [small, large] = sizes.map((size) => times.get(size) ?? 0) as [number, number];
  const growth = large / small / (sizes[1] / sizes[0]);
  return [
    {
      name: `affected, ${sizes[1]} paths over ${unitCount} units`,
      value: large,
      unit: "s",
      target: budget,
      detail: `compiling included`,
    },
    {
      name: "affected, time per path at 100000 against 25000",
      value: growth,
      unit: "ratio",
      target: 1.5,
      detail: `${(large * 1000).toFixed(0)} ms against ${(small * 1000).toFixed(0)} ms`,
    },
  ];
}
