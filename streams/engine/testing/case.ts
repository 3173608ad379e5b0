import type { JsonPath } from "../json/document.ts";
import type { CoveragePoint } from "../simulator/coverage.ts";
import { CannotSimulate, SimulationError } from "../simulator/errors.ts";
import type { TraceEntry } from "../simulator/types.ts";
import { toEjson } from "../simulator/values/ejson.ts";
import { isDoc } from "../simulator/values/types.ts";
import { textMatches } from "../simulator/world/services.ts";
import { type Actual, actualOf, differencesOf } from "./expect.ts";
import type { TestCase } from "./format.ts";
import { type Difference, hasParts, expectedValue } from "./match.ts";
import { propertyDifferences } from "./properties.ts";
import { Run, type Surroundings } from "./run.ts";

export interface CaseResult {
  name: string;
  /** `error` where it could not be run: what it says nothing about is not known to be right or wrong. */
  status: "passed" | "failed" | "error";
  differences: Difference[];
  /** What came, in the form of an expectation; undefined where the case did not come that far. */
  actual: Actual | undefined;
  coverage: readonly (readonly CoveragePoint[])[];
  trace: readonly TraceEntry[];
}

/** Runs one case. `path` is that of the case in its file. */
export function runCase(testCase: TestCase, path: JsonPath, surroundings: Surroundings): CaseResult {
  const differences: Difference[] = [...sourceDifferences(testCase, path, surroundings)];
  const ordered = testCase.ordered ?? true;
  let run: Run | undefined;
  let at: JsonPath = path;
  try {
    run = new Run(testCase, surroundings);
    run.start();
    for (const [index, step] of (testCase.steps ?? []).entries()) {
      at = [...path, "steps", index];
      run.take(step);
      if ("expect" in step)
        differences.push(...differencesOf(run, step.expect, [...at, "expect"], { ordered, final: false }));
    }
    at = path;
    differences.push(...finalDifferences(run, testCase, path));
    if (differences.length === 0) differences.push(...propertyDifferences(testCase, path, surroundings, run));
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    return stopped(error, testCase, { path, at, differences, run });
  }
  return result(testCase, differences.length === 0 ? "passed" : "failed", differences, run, actualOf(run));
}

function finalDifferences(run: Run, { expect, ordered, steps = [] }: TestCase, path: JsonPath): Difference[] {
  if (expect?.error !== undefined)
    return [{ path: [...path, "expect", "error"], message: "the pipeline can be made", expected: expect.error }];
  // A case that expects nothing anywhere would pass whatever the processor does.
  if (expect === undefined && !steps.some((step) => "expect" in step))
    return [{ path, message: "the case expects nothing: give it an expect" }];
  const at = expect === undefined ? path : [...path, "expect"];
  return differencesOf(run, expect ?? {}, at, { ordered: ordered ?? true, final: true });
}

function stopped(
  error: SimulationError,
  testCase: TestCase,
  { path, at, differences, run }: { path: JsonPath; at: JsonPath; differences: Difference[]; run: Run | undefined },
): CaseResult {
  const expected = testCase.expect?.error;
  const same = expected !== undefined && textMatches(expected, error.message);
  if (same) return result(testCase, differences.length === 0 ? "passed" : "failed", differences, run, undefined);
  const difference: Difference =
    expected === undefined
      ? { path: at, message: error.message }
      : { path: [...path, "expect", "error"], message: "the error is another", expected, actual: error.message };
  const status = error instanceof CannotSimulate && expected === undefined ? "error" : "failed";
  return result(testCase, status, [...differences, difference], run, undefined);
}

function result(
  { name }: TestCase,
  status: CaseResult["status"],
  differences: Difference[],
  run: Run | undefined,
  actual: Actual | undefined,
): CaseResult {
  return { name, status, differences, actual, coverage: run?.coverage ?? [], trace: run?.trace ?? [] };
}

/** A test is about one source: a pipeline that reads another has not been tested by it. */
function sourceDifferences({ source }: TestCase, path: JsonPath, { subject }: Surroundings): Difference[] {
  if (source === undefined) return [];
  const [first] = subject.pipeline;
  const actual = isDoc(first) ? first["$source"] : undefined;
  if (hasParts(actual, expectedValue(source))) return [];
  return [
    {
      path: [...path, "source"],
      message: "the pipeline has another $source",
      expected: source,
      actual: toEjson(actual),
    },
  ];
}
