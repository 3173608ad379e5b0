import type { StreamProject } from "../../../streams/engine/files/project.ts";
import { isDocument } from "../../../streams/engine/lint/subject.ts";
import { runCase } from "../../../streams/engine/testing/case.ts";
import { testDocument } from "../../../streams/engine/testing/document.ts";
import { type TestCase, type TestFile, testFileOf } from "../../../streams/engine/testing/format.ts";
import { type DeadLetter, grouped, type LetterGroup, timeOf } from "./dlq-documents.ts";

/** What becomes of a group's first document in the pipeline as it lies here. */
export type Replayed =
  /** It is refused there for the same reason. */
  | "refused"
  /** It goes through, or fails elsewhere. */
  | "different"
  /** The simulator cannot say: a mock is missing, or there is a value that it cannot hold. */
  | "unknown";

export interface ReplayedGroup extends LetterGroup {
  replay: Replayed;
  /** What came instead, or why nothing can be said. */
  why: string;
}

/** Cases of one processor, and what the simulator says of each. */
export interface Replay {
  file: TestFile;
  groups: ReplayedGroup[];
}

/** How many documents of a group a case delivers: the first ones say what the others do. */
const documentsPerCase = 5;

/**
 * A test of a processor that delivers what its dead letter queue holds, and expects what happened there; one case for each group. Each is run
 * at once, so that nobody takes an old failure for one of what lies here.
 */
export function replayOf(letters: readonly DeadLetter[], name: string, project: StreamProject): Replay | undefined {
  const processor = project.processors.find((one) => one.name === name);
  if (processor === undefined) return undefined;
  const subject = { name, pipeline: processor.pipeline, dlq: processor.dlq };
  const connections = project.connections.map(({ value }) => ({ name: value.name, type: value.type }));
  const run = (testCase: TestCase) => runCase(testCase, [], { subject, connections, versions: new Map() });
  const found = grouped(letters).map((group) => {
    const exact = caseOf(group, letters);
    const problem = unreadable(exact);
    if (problem !== undefined) return { group, replay: "unknown" as const, why: problem, testCase: exact };
    const first = run(exact);
    if (first.status === "passed") return { group, replay: "refused" as const, why: "", testCase: exact };
    // Atlas and the simulator need not say the same thing in the same words.
    const loose = withoutReasons(exact);
    if (first.status === "failed" && run(loose).status === "passed")
      return { group, replay: "refused" as const, why: "in other words", testCase: loose };
    const replay = first.status === "error" ? ("unknown" as const) : ("different" as const);
    return { group, replay, why: first.differences[0]?.message ?? "", testCase: exact };
  });
  return {
    file: {
      processor: name,
      cases: found.filter(({ replay }) => replay !== "unknown").map(({ testCase }) => testCase),
    },
    groups: found.map(({ group, replay, why }) => ({ ...group, replay, why })),
  };
}

const withoutReasons = (testCase: TestCase): TestCase => ({
  ...testCase,
  expect: { dlq: testCase.expect?.dlq?.map(({ operator }) => (operator === undefined ? {} : { operator })) ?? [] },
});

function caseOf({ operator, reason, count, example }: LetterGroup, letters: readonly DeadLetter[]): TestCase {
  const same = letters.filter((letter) => letter.operator === operator && letter.processor === example.processor);
  const members = same.filter((letter) => grouped([letter, example]).length === 1).slice(0, documentsPerCase);
  return {
    name: `dead letters of ${operator}, ${count} as document ${example.number}: ${reason}`,
    ...(example.at === undefined ? {} : { clock: example.at }),
    steps: members.map(delivery),
    expect: { dlq: members.map((letter) => ({ operator: letter.operator, reason: letter.reason })) },
  };
}

/** A document as it was delivered; one that could not even be read is a text. */
function delivery({ doc, source }: DeadLetter): NonNullable<TestCase["steps"]>[number] {
  const eventTime = timeOf(source["ts"]);
  const { topic, key } = source;
  const how = {
    ...(eventTime === undefined ? {} : { eventTime }),
    ...(typeof topic === "string" ? { topic } : {}),
    ...(key === undefined || key === null ? {} : { key }),
  };
  return isDocument(doc) ? { in: doc, ...how } : { raw: typeof doc === "string" ? doc : JSON.stringify(doc), ...how };
}

/** Why a case is none that a file could hold: what is exported may be nothing that a test can say. */
function unreadable(testCase: TestCase): string | undefined {
  const { findings } = testFileOf(testDocument("replay.json", JSON.stringify({ cases: [testCase] })));
  return findings[0]?.message;
}
