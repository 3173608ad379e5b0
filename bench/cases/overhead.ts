import { inTurns, measure } from "../measure.ts";
import type { Project } from "../project.ts";
import type { Row } from "../report.ts";

const pairs = 7;
const rawUp = ["up", "--yes", "--skip-preview", "--suppress-progress"];
const rawPreview = ["preview", "--suppress-progress"];

/** What the driver adds to the raw CLI on one stack of 50 resources, every one of which each `up` changes. */
export async function driverOverhead(project: Project): Promise<Row[]> {
  let revision = 0;
  const next = () => ({ BENCH_REVISION: String(++revision) });
  const driverUp = ["up", "dev", "--sandbox", "--yes", "--no-verify", "--verbose"];
  const driverPreview = ["preview", "dev", "--sandbox", "--verbose"];
  await measure(await project.raw(rawUp, next()));
  const warmUp = await measure(project.driver(driverUp, next()));
  const warmPreview = await measure(project.driver(driverPreview));

  const preview = await inTurns(
    pairs,
    async () => (await measure(await project.raw(rawPreview))).seconds,
    async () => (await measure(project.driver(driverPreview))).seconds,
  );
  const up = await inTurns(
    pairs,
    async () => (await measure(await project.raw(rawUp, next()))).seconds,
    async () => (await measure(project.driver(driverUp, next()))).seconds,
  );
  return [
    ratio("preview, driver against raw CLI, 50 resources", preview),
    ratio("up, driver against raw CLI, 50 resources", up),
    starts("preview, CLI starts beyond the raw one", warmPreview.output),
    starts("up, CLI starts beyond the raw one", warmUp.output),
  ];
}

export function ratio(name: string, [raw, driver]: [number, number], target = 1.1): Row {
  return {
    name,
    value: driver / raw,
    unit: "ratio",
    target,
    detail: `${driver.toFixed(2)} s against ${raw.toFixed(2)} s`,
  };
}

function starts(name: string, output: string): Row {
  const counted = /Pulumi CLI starts: (\d+)/.exec(output)?.[1];
  if (counted === undefined) throw new Error(`the driver did not say how often it started the CLI:\n${output}`);
  return { name, value: Number(counted) - 1, unit: "starts", target: 1, detail: `${counted} in all` };
}
