import type { Finding } from "../finding.ts";
import type { CoveragePoint } from "../simulator/coverage.ts";
import { type CaseResult, runCase } from "./case.ts";
import { type TestDocument, testDocument } from "./document.ts";
import { type TestFile, problem, testFileOf } from "./format.ts";
import type { Subject, Surroundings } from "./run.ts";

/** A test file that was read. */
export interface LoadedTest {
  document: TestDocument;
  file: TestFile;
  /** The processor that it is about. */
  processor: string;
}

/** A stage or a branch, and whether any case reached it. */
export interface CoveredPoint {
  stage: string;
  branch: string | null;
  count: number;
}

export interface FileResult {
  path: string;
  processor: string;
  cases: CaseResult[];
  coverage: CoveredPoint[];
}

/** Reads a test file; what is wrong with it has a place in it. */
export function loadTest(
  path: string,
  text: string,
  processors: ReadonlyMap<string, Subject>,
): { test: LoadedTest | undefined; findings: Finding[] } {
  const document = testDocument(path, text);
  const { value: file, findings } = testFileOf(document);
  if (file === undefined) return { test: undefined, findings };
  const stem = /([^/]+)\.test\.(?:json|ya?ml)$/.exec(path)?.[1] ?? path;
  const processor = file.processor ?? stem;
  if (!processors.has(processor))
    return {
      test: undefined,
      findings: [problem(document, ["processor"], `there is no processor ${JSON.stringify(processor)}`)],
    };
  return { test: { document, file, processor }, findings: [] };
}

/** Other versions of pipelines that a test starts, by what it calls them. */
export function versionsIn({ file }: LoadedTest): string[] {
  const steps = file.cases.flatMap((each) => each.steps ?? []);
  const named = steps.flatMap((step) =>
    "restart" in step && step.restart.pipelineFrom !== undefined ? [step.restart.pipelineFrom] : [],
  );
  return [...new Set(named)];
}

/** Runs the cases of a file; `only` may leave some out. */
export function runTest(
  { document, file, processor }: LoadedTest,
  surroundings: Surroundings,
  only: (name: string) => boolean = () => true,
): FileResult {
  const cases = file.cases.flatMap((each, index) =>
    only(each.name) ? [runCase(each, ["cases", index], surroundings)] : [],
  );
  return { path: document.path, processor, cases, coverage: summed(cases) };
}

/** Every point of the pipeline with the documents of all cases. */
function summed(cases: readonly CaseResult[]): CoveredPoint[] {
  const points = new Map<string, CoveredPoint>();
  const add = ({ stage, branch, count }: CoveragePoint) => {
    const key = `${stage} ${branch ?? ""}`;
    const point = points.get(key) ?? { stage, branch: branch ?? null, count: 0 };
    points.set(key, { ...point, count: point.count + count });
  };
  cases.forEach(({ coverage }) => coverage.flat().forEach(add));
  return [...points.values()];
}

/** Percent of stages and branches that were reached. */
export function percentage(points: readonly CoveredPoint[]): number {
  if (points.length === 0) return 0;
  return (100 * points.filter(({ count }) => count > 0).length) / points.length;
}
