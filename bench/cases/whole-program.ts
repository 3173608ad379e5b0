import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { inTurns, measure } from "../measure.ts";
import { checkout, openProject } from "../project.ts";
import type { Row } from "../report.ts";
import { ratio } from "./overhead.ts";

/** A second preview of the platform itself, which has nothing left to change. */
export async function wholeProgram(): Promise<Row[]> {
  const sandbox = await mkdtemp(path.join(tmpdir(), "slipway-bench-program-"));
  try {
    const project = await openProject(checkout, sandbox, "dev");
    for (const stack of ["operations", "dev"])
      await measure(project.driver(["up", stack, "--sandbox", "--yes", "--create", "--no-verify"]));
    const times = await inTurns(
      3,
      async () => (await measure(await project.raw(["preview", "--suppress-progress"]))).seconds,
      async () => (await measure(project.driver(["preview", "dev", "--sandbox"]))).seconds,
    );
    return [
      { name: "warm preview of the whole program", value: times[1], unit: "s", detail: "dev, nothing to change" },
      ratio("whole program preview, driver against raw CLI", times),
    ];
  } finally {
    await rm(sandbox, { recursive: true, force: true });
  }
}
