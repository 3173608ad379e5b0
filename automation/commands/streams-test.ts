import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { junitXml } from "../../streams/engine/testing/junit.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { coverageOf, streamTestJson, streamTestText, type StreamTestReport } from "../report/streams-test.ts";
import { folderOf, readStreamFolder } from "../streams/project.ts";
import { runStreamTests, type RanTest } from "../streams/run-tests.ts";
import { flag, text, type CommandResult } from "./result.ts";

/** `streams test [processors...]`: runs the tests of stream processors in the simulator, without Atlas. */
export async function test(
  context: Context,
  processors: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const least = percent(text(options, "coverageMin"));
  const folder = folderOf(context.root, text(options, "folder"));
  const selection = {
    ...{ folder, root: context.root, processors },
    ...{ caseName: text(options, "case"), trace: flag(options, "trace") },
  };
  let ran = await runStreamTests((await readStreamFolder(folder)).project, selection);
  const updated = flag(options, "update") ? await writeUpdates(folder, ran.files) : [];
  // What was written is run as it stands there now: a property that does not hold is not updated away.
  if (updated.length > 0) ran = await runStreamTests((await readStreamFolder(folder)).project, selection);
  const report: StreamTestReport = { ...ran, updated };
  const junit = text(options, "junit");
  if (junit !== undefined) await written(resolve(junit), junitXml(ran.files));
  return {
    exitCode: verdict(report, least),
    json: streamTestJson(report),
    text: [...streamTestText(context.console, report), ...tooLittle(report, least)].join("\n"),
  };
}

function percent(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (given.trim() !== "" && value >= 0 && value <= 100) return value;
  throw new SlipwayError(ExitCode.usage, `--coverage-min: got "${given}", expected a number from 0 to 100.`);
}

/** What cannot be run is worse than what fails; too little coverage comes last. */
function verdict(report: StreamTestReport, least: number | undefined): ExitCode {
  const cases = report.files.flatMap((file) => file.cases);
  if (report.findings.length > 0 || cases.some(({ status }) => status === "error")) return ExitCode.usage;
  if (cases.some(({ status }) => status === "failed")) return ExitCode.unexpectedChanges;
  return tooLittle(report, least).length > 0 ? ExitCode.policy : ExitCode.done;
}

function tooLittle(report: StreamTestReport, least: number | undefined): string[] {
  if (least === undefined || coverageOf(report) >= least) return [];
  return [`coverage is below ${least} %: add cases that reach what is listed above`];
}

async function writeUpdates(folder: string, files: readonly RanTest[]): Promise<string[]> {
  const changed = files.flatMap(({ path, file, updated }) => (updated === undefined ? [] : [{ path, file, updated }]));
  for (const { file, updated } of changed) await written(join(folder, file), updated);
  return changed.map(({ path }) => path);
}

async function written(file: string, content: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  } catch (cause) {
    throw new SlipwayError(ExitCode.usage, `The file could not be written: ${(cause as Error).message}`, {
      ...{ where: file, next: "Name a file that this user may write.", cause },
    });
  }
}
