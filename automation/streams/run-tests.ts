import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { StreamProject } from "../../streams/engine/files/project.ts";
import { JsonDocument } from "../../streams/engine/json/document.ts";
import { processorSchema } from "../../streams/engine/files/documents.ts";
import { type LoadedTest, loadTest, runTest, versionsIn } from "../../streams/engine/testing/file.ts";
import type { TimedFile } from "../../streams/engine/testing/junit.ts";
import type { Subject } from "../../streams/engine/testing/run.ts";
import { updatedText } from "../../streams/engine/testing/update.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { readStreamsOfCommit } from "./project.ts";

/** Where tests are and what of them is run. */
export interface TestSelection {
  /** The folder of streams, and the repository that it is in. */
  folder: string;
  root: string;
  /** Only these processors; all without any. */
  processors: readonly string[];
  /** Only cases whose name contains this. */
  caseName: string | undefined;
  trace: boolean;
}

/** A test file that was run, with its new text where what came is not what it expects. */
export interface RanTest extends TimedFile {
  /** Its path below the folder. */
  file: string;
  updated: string | undefined;
}

const subjectOf = ({ name, pipeline, dlq }: StreamProject["processors"][number]): Subject => ({ name, pipeline, dlq });

/** Reads and runs test files, one after the other. */
export async function runStreamTests(project: StreamProject, selection: TestSelection) {
  const subjects = new Map(project.processors.map((processor) => [processor.name, subjectOf(processor)]));
  refuseUnknown(selection.processors, subjects);
  const wanted = (name: string) => selection.processors.length === 0 || selection.processors.includes(name);
  const loaded = [...project.tests.values()].map(({ path, text }) => loadTest(path, text, subjects));
  const tests = loaded.flatMap(({ test }) => (test !== undefined && wanted(test.processor) ? [test] : []));
  const files: RanTest[] = [];
  for (const test of tests) files.push(await ran(test, project, subjects, selection));
  const tested = new Set(tests.map(({ processor }) => processor));
  return {
    files,
    findings: [
      ...project.findings.filter(({ severity }) => severity === "error"),
      ...loaded.flatMap(({ findings }) => findings),
    ].map((finding) => ({ ...finding, file: shownPath(finding.file, selection) })),
    untested: [...subjects.keys()].filter((name) => wanted(name) && !tested.has(name)),
  };
}

/** A path as an editor opens it from the root of the checkout. */
function shownPath(path: string, { folder, root }: TestSelection): string {
  return join(relative(root, folder), path).replaceAll("\\", "/");
}

function refuseUnknown(names: readonly string[], subjects: ReadonlyMap<string, Subject>): void {
  const unknown = names.find((name) => !subjects.has(name));
  if (unknown === undefined) return;
  throw new SlipwayError(ExitCode.notFound, `There is no processor "${unknown}".`, {
    next: `There are: ${[...subjects.keys()].join(", ")}.`,
  });
}

async function ran(
  test: LoadedTest,
  project: StreamProject,
  subjects: ReadonlyMap<string, Subject>,
  selection: TestSelection,
): Promise<RanTest> {
  const subject = subjects.get(test.processor);
  if (subject === undefined) throw new Error("a test that was loaded has a processor");
  const versions = new Map<string, Subject>();
  for (const name of versionsIn(test)) versions.set(name, await versionOf(name, test.processor, selection));
  const connections = project.connections.map(({ value }) => value);
  const started = performance.now();
  const only = (name: string) => selection.caseName === undefined || name.includes(selection.caseName);
  const result = runTest(test, { subject, connections, versions, trace: selection.trace }, only);
  return {
    ...result,
    path: shownPath(result.path, selection),
    seconds: Math.round(performance.now() - started) / 1000,
    placeOf: ({ path }) => {
      const { line, column } = test.document.at(path);
      return `${line}:${column}`;
    },
    file: result.path,
    updated: updatedText(test, result.cases),
  };
}

/** Another version of a processor: of a commit, or in a file below the folder. */
async function versionOf(name: string, processor: string, { folder, root }: TestSelection): Promise<Subject> {
  const revision = /^git:(.+)$/.exec(name)?.[1];
  if (revision === undefined) return fileVersion(name, processor, folder);
  const { project } = await readStreamsOfCommit(root, revision, relative(root, folder).replaceAll("\\", "/"));
  const found = project.processors.find((each) => each.name === processor);
  if (found !== undefined) return subjectOf(found);
  throw new SlipwayError(ExitCode.usage, `There is no processor "${processor}" in ${revision}.`, {
    where: `tests of ${processor}: pipelineFrom`,
    next: "Name a commit that has it.",
  });
}

async function fileVersion(path: string, processor: string, folder: string): Promise<Subject> {
  const text = await readFile(join(folder, path), "utf8").catch(() => undefined);
  const parsed = processorSchema.safeParse(text === undefined ? undefined : new JsonDocument(text).value);
  if (parsed.success) return { name: processor, pipeline: parsed.data.pipeline, dlq: parsed.data.options?.dlq };
  throw new SlipwayError(
    ExitCode.usage,
    text === undefined ? "There is no such file." : "The file holds no processor.",
    {
      where: `tests of ${processor}: pipelineFrom ${path}`,
      next: "Name a commit as git:<commit>, or a file below the folder of streams.",
    },
  );
}
