import type { JsonPath } from "../json/document.ts";
import { toEjson } from "../simulator/values/ejson.ts";
import { Ids } from "../simulator/world/ids.ts";
import { keyOf } from "../simulator/values/compare.ts";
import type { Message, World } from "../simulator/world/world.ts";
import { spanOf } from "../simulator/windows/duration.ts";
import type { Step, TestCase } from "./format.ts";
import { type Difference, sameValue } from "./match.ts";
import { Run, type Surroundings, worldOf } from "./run.ts";

/** Laws that a case claims beside what it expects. */
export function propertyDifferences(
  testCase: TestCase,
  path: JsonPath,
  surroundings: Surroundings,
  run: Run,
): Difference[] {
  const { replayTwice, shuffle } = testCase.properties ?? {};
  return [
    ...(replayTwice === true ? replayed(testCase, [...path, "properties", "replayTwice"], surroundings) : []),
    ...(shuffle === undefined ? [] : shuffled(testCase, [...path, "properties", "shuffle"], surroundings, run)),
  ];
}

/** Steps that bring documents or let time pass: those that are done again. */
const repeatable = (steps: readonly Step[] = []) =>
  steps.filter((step) => "in" in step || "raw" in step || "idle" in step || "advance" in step || "write" in step);

/** Atlas delivers at least once: reading everything a second time must leave sinks as they were. */
function replayed(testCase: TestCase, path: JsonPath, surroundings: Surroundings): Difference[] {
  const steps = repeatable(testCase.steps);
  const world = worldOf(testCase);
  const first = runAll(testCase, steps, surroundings, world);
  const before = sinksOf(world, writtenBy(first));
  world.now = worldOf(testCase).now;
  const again = runAll(testCase, steps, surroundings, world);
  const after = sinksOf(world, new Set([...writtenBy(first), ...writtenBy(again)]));
  return differing(before, after, path, "holds something else after everything was read twice");
}

function runAll(testCase: TestCase, steps: readonly Step[], surroundings: Surroundings, world: World): Run {
  const run = new Run(testCase, surroundings, world);
  run.start();
  for (const step of steps) run.take(step);
  return run;
}

const writtenBy = ({ out }: Run) => new Set(out.map(({ what }) => what.into));

type Sinks = Map<string, { documents: unknown[]; keyless: boolean }>;

/** What readers of the sinks are left with: documents of collections, the last message of every key. */
function sinksOf(world: World, names: ReadonlySet<string>): Sinks {
  const { collections, logs } = world.sinks();
  const sinks: Sinks = new Map();
  for (const name of names) {
    const log = logs.get(name);
    const documents = log === undefined ? (collections.get(name)?.documents ?? []) : compacted(log);
    sinks.set(name, { documents: byContent(documents), keyless: log?.some(({ key }) => key === undefined) ?? false });
  }
  return sinks;
}

const byContent = (documents: readonly unknown[]) => documents.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

function compacted(messages: readonly Message[]): unknown[] {
  if (messages.some(({ key }) => key === undefined)) return messages.map(({ doc }) => doc);
  const last = new Map<string, unknown>();
  for (const { key, doc } of messages) {
    if (doc === null) last.delete(keyOf(key));
    else last.set(keyOf(key), doc);
  }
  return [...last.values()];
}

function differing(before: Sinks, after: Sinks, path: JsonPath, how: string): Difference[] {
  return [...after].flatMap(([name, { documents, keyless }]) => {
    const was = before.get(name)?.documents ?? [];
    if (sameValue(documents, was)) return [];
    const why = keyless ? ": its messages have no key by which a reader could tell" : "";
    return [{ path, message: `${name} ${how}${why}`, expected: toEjson(was), actual: toEjson(documents) }];
  });
}

/** Documents that arrive in another order, none later than it may be, must come to the same. */
function shuffled(testCase: TestCase, path: JsonPath, surroundings: Surroundings, run: Run): Difference[] {
  const { runs = 1, within = 0, seed = 1 } = testCase.properties?.shuffle ?? {};
  const span = spanOf(within) ?? 0;
  const random = new Ids(seed);
  const steps = repeatable(testCase.steps).flatMap(singly);
  const original = runAll(testCase, steps, surroundings, worldOf(testCase));
  const sinks = sinksOf(original.world, writtenBy(original));
  for (let index = 0; index < runs; index += 1) {
    const order = reordered(steps, span, random, run);
    const other = runAll(testCase, order, surroundings, worldOf(testCase));
    const differences = [
      ...differing(
        sinks,
        sinksOf(other.world, new Set([...sinks.keys(), ...writtenBy(other)])),
        path,
        "holds something else",
      ),
      ...lost(original, other, path),
    ];
    if (differences.length > 0) {
      const arrival = order.flatMap((step) => ("in" in step ? [step.in] : []));
      return differences.map(({ message, ...rest }) => ({
        ...rest,
        message: `${message} where documents arrive in this order: ${JSON.stringify(arrival)} (seed ${seed}, run ${index + 1})`,
      }));
    }
  }
  return [];
}

/** A list of documents in a step is one step each. */
function singly(step: Step): Step[] {
  if (!("in" in step) || !Array.isArray(step.in)) return [step];
  return step.in.map((document) => ({ ...step, in: document }));
}

function lost(original: Run, other: Run, path: JsonPath): Difference[] {
  const count = ({ dlq, dropped }: Run) => dlq.length + dropped.length;
  if (count(original) === count(other)) return [];
  const message = "other documents cannot be processed";
  return [{ path, message, expected: count(original), actual: count(other) }];
}

/** Every document may arrive later by at most `span` of event time; other steps keep their place. */
function reordered(steps: readonly Step[], span: number, random: Ids, run: Run): Step[] {
  const result: Step[] = [];
  let block: { step: Step; at: number }[] = [];
  const flush = () => {
    result.push(...block.toSorted((a, b) => a.at - b.at).map(({ step }) => step));
    block = [];
  };
  let [last, greatest] = [-Infinity, -Infinity];
  for (const step of steps) {
    const arrives = "in" in step || "raw" in step;
    last = (arrives ? run.eventTimeOf(step) : undefined) ?? last;
    greatest = Math.max(greatest, last);
    // What is later than it may be stays where it is, and so does everything else around it.
    if (!arrives || greatest - last > span) {
      flush();
      result.push(step);
    } else block.push({ step, at: last + random.random() * span });
  }
  flush();
  return result;
}
