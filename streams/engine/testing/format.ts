import { z } from "zod";
import type { Finding } from "../finding.ts";
import { shownPath } from "../finding.ts";
import type { JsonPath } from "../json/document.ts";
import type { TestDocument } from "./document.ts";

/** `tests/<processor>.test.{json,yaml}`: cases, as somebody writes them. Values are Extended JSON. */

const span = z.union([
  z.string().regex(/^(?:\d+(?:ms|s|m|h|d))+$/, "a time such as 90s, 2m or 1h30m"),
  z.number().nonnegative(),
  z.strictObject({ size: z.number().int().nonnegative(), unit: z.enum(["ms", "second", "minute", "hour", "day"]) }),
]);
const moment = z.union([z.iso.datetime({ offset: true }), z.number(), z.strictObject({ $date: z.unknown() })]);
const document = z.record(z.string(), z.unknown());
const documents = z.array(document);
/** Text, or a pattern in slashes. */
const pattern = z.string().min(1);

const delivery = {
  partition: z.union([z.number().int().nonnegative(), z.string()]).optional(),
  offset: z.number().int().nonnegative().optional(),
  /** The time that the source itself gives. */
  eventTime: moment.optional(),
  key: z.unknown().optional(),
  headers: z.array(z.strictObject({ k: z.string(), v: z.unknown() })).optional(),
  topic: z.string().optional(),
};

const emission = z.strictObject({
  /** After how many inputs it came. */
  after: z.number().int().nonnegative().optional(),
  into: z.string().optional(),
  doc: document.nullable().optional(),
  action: z.enum(["inserted", "replaced", "merged", "kept", "deleted", "discarded", "updated"]).optional(),
  key: z.unknown().optional(),
  headers: z.array(z.strictObject({ k: z.string(), v: z.unknown() })).optional(),
  partitionKey: z.unknown().optional(),
  path: z.string().optional(),
  /** Parts of what `$meta` gives below `stream`. */
  meta: document.optional(),
});

const letter = z.strictObject({
  operator: z.string().optional(),
  reason: pattern.optional(),
  doc: z.unknown().optional(),
  meta: document.optional(),
});

const request = z.strictObject({
  kind: z.enum(["https", "function"]).optional(),
  connectionName: z.string().optional(),
  target: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  parameters: document.optional(),
  headers: document.optional(),
  body: z.unknown().optional(),
});

export const expectationSchema = z.strictObject({
  out: z.array(emission).optional(),
  /** None are expected where it is left out. */
  dlq: z.array(letter).optional(),
  /** What cannot be processed by a processor without a dead letter queue. None are expected where it is left out. */
  dropped: z.array(letter).optional(),
  /** Everything that sinks hold at the end. */
  sink: z.record(z.string(), z.array(document.nullable())).optional(),
  stats: z
    .strictObject({
      ...{ in: z.int(), out: z.int(), dlq: z.int(), dropped: z.int(), stateSize: z.int() },
      ...{ throttledMs: z.int(), throttleEvents: z.int() },
    })
    .partial()
    .optional(),
  watermark: moment.nullable().optional(),
  state: z
    .strictObject({ processor: z.enum(["CREATED", "STARTED", "STOPPED", "FAILED"]), reason: pattern.optional() })
    .optional(),
  requests: z.array(request).optional(),
  /** The pipeline cannot be made at all: why. */
  error: pattern.optional(),
});
export type Expectation = z.infer<typeof expectationSchema>;

/** The kinds of steps, in the order of the union below. */
const stepKinds = ["in", "raw", "idle", "advance", "checkpoint", "restart", "stop", "write", "expect"] as const;
const step = z.union([
  z.strictObject({ in: z.union([document, documents]), ...delivery }),
  z.strictObject({ raw: z.string(), ...delivery }),
  z.strictObject({ idle: span }),
  z.strictObject({ advance: span }),
  z.strictObject({ checkpoint: z.string().min(1) }),
  z.strictObject({
    restart: z.strictObject({
      /** A checkpoint by name: the processor crashed after it. It is stopped in order otherwise. */
      from: z.string().optional(),
      /** Another version: `git:<commit>`, or a file below the folder of streams. */
      pipelineFrom: z.string().optional(),
      /** `resumeFromCheckpoint`. */
      resume: z.boolean().optional(),
      /** Atlas refuses to go on from the checkpoint: why. */
      refused: pattern.optional(),
    }),
  }),
  z.strictObject({ stop: z.literal(true) }),
  /** Somebody else writes documents into collections. */
  z.strictObject({ write: z.record(z.string(), documents) }),
  z.strictObject({ expect: expectationSchema }),
]);
export type Step = z.infer<typeof step>;

const functionRule = z.strictObject({
  match: z.unknown().optional(),
  reply: z.unknown().optional(),
  error: z.string().optional(),
  apiError: z.string().optional(),
});

const mocks = z.strictObject({
  collections: z.record(z.string(), documents).optional(),
  sinks: z.record(z.string(), documents).optional(),
  https: z
    .array(
      z.strictObject({
        connectionName: z.string().optional(),
        match: z
          .strictObject({ path: z.string(), method: z.string(), parameters: document, body: z.unknown() })
          .partial()
          .optional(),
        reply: z
          .strictObject({
            status: z.int().min(100).max(599),
            body: z.unknown(),
            headers: z.record(z.string(), z.string()),
            responseTimeMs: z.int().nonnegative(),
          })
          .partial()
          .optional(),
      }),
    )
    .optional(),
  functions: z.record(z.string(), z.union([z.array(functionRule), z.unknown()])).optional(),
  uuid: z.union([z.literal("seq"), z.int().nonnegative()]).optional(),
});

const properties = z.strictObject({
  /** Reading everything twice leaves sinks as reading it once does. */
  replayTwice: z.boolean().optional(),
  /** Arriving in another order, by at most this much, changes nothing. */
  shuffle: z
    .strictObject({ runs: z.int().min(1).max(1000), within: span, seed: z.int().nonnegative().optional() })
    .optional(),
});

const testCase = z.strictObject({
  name: z.string().min(1),
  clock: moment.optional(),
  /** Whether the order of `out`, `dlq`, `requests` and messages counts; it does where nothing is said. */
  ordered: z.boolean().optional(),
  partitions: z.int().min(1).optional(),
  /** What the `$source` has to read: fields that it must have as they are here. */
  source: document.optional(),
  mocks: mocks.optional(),
  constants: document.optional(),
  steps: z.array(step).optional(),
  expect: expectationSchema.optional(),
  properties: properties.optional(),
});
export type TestCase = z.infer<typeof testCase>;

export const testFileSchema = z.strictObject({
  $schema: z.string().optional(),
  /** The file's stem names it where it is left out. */
  processor: z.string().optional(),
  cases: z.array(testCase).min(1),
});
export type TestFile = z.infer<typeof testFileSchema>;

/** The cases of a test file, or what is wrong with it. */
export function testFileOf(file: TestDocument): { value: TestFile | undefined; findings: Finding[] } {
  if (file.findings.length > 0) return { value: undefined, findings: file.findings };
  const parsed = testFileSchema.safeParse(file.value);
  if (!parsed.success)
    return { value: undefined, findings: parsed.error.issues.flatMap((issue) => problems(file, issue)) };
  const names = parsed.data.cases.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice >= 0)
    return {
      value: undefined,
      findings: [problem(file, ["cases", twice, "name"], `two cases are called ${JSON.stringify(names[twice])}`)],
    };
  return { value: parsed.data, findings: [] };
}

/** What is wrong, in the words of what was meant. */
function problems(file: TestDocument, issue: z.core.$ZodIssue, base: JsonPath = []): Finding[] {
  const path: JsonPath = [...base, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
  if (issue.code === "invalid_union") {
    const meant = path.at(-2) === "steps" ? stepMeant(file, path, issue.errors) : closest(issue.errors);
    if (meant === undefined) return [problem(file, path, `a step has one of ${stepKinds.join(", ")}`)];
    return meant.flatMap((inner) => problems(file, inner, path));
  }
  if (issue.code !== "unrecognized_keys") return [problem(file, path, issue.message)];
  return issue.keys.map((key) => problem(file, [...path, key], `${JSON.stringify(key)} is not known here`));
}

type Issues = readonly z.core.$ZodIssue[];

const closest = (errors: readonly Issues[]): Issues => errors.toSorted((a, b) => a.length - b.length)[0] ?? [];

/** The kind of step whose name stands in it. */
function stepMeant(file: TestDocument, path: JsonPath, errors: readonly Issues[]): Issues | undefined {
  const value = path.reduce<unknown>((inner, part) => (inner as Record<string | number, unknown>)[part], file.value);
  if (typeof value !== "object" || value === null) return undefined;
  return errors[stepKinds.findIndex((kind) => Object.hasOwn(value, kind))];
}

export const problem = (file: TestDocument, path: JsonPath, message: string): Finding => ({
  ...{ rule: "test/form", severity: "error", file: file.path, ...file.at(path), path: shownPath(path), message },
  why: "the file is not of the form that tests have",
  fix: "see docs/streams-simulator.md for it",
});
