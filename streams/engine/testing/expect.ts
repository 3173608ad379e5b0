import type { JsonPath } from "../json/document.ts";
import type { DlqDocument, Emission } from "../simulator/types.ts";
import { isDoc } from "../simulator/values/types.ts";
import { textMatches, type Request } from "../simulator/world/services.ts";
import { timeOf } from "../simulator/world/world.ts";
import type { Expectation } from "./format.ts";
import {
  type Difference,
  compareLists,
  expectedValue,
  hasParts,
  sameDocument,
  sameValue,
  shownValue,
} from "./match.ts";
import type { Came, Run } from "./run.ts";

/** What a run gave, as a test file would expect it. */
export interface Actual {
  out: ReturnType<typeof shownEmission>[];
  dlq: ReturnType<typeof shownLetter>[];
  dropped: ReturnType<typeof shownLetter>[];
  sink: Record<string, unknown[]>;
  stats: { in: number; out: number; dlq: number; dropped: number };
  watermark: string | null;
  state: { processor: string; reason?: string };
  requests: unknown[];
}

/**
 * Everything that is expected and is not so. `path` is that of the expectation in its file. At the end of a case nothing may be left in the
 * dead letter queue that is not expected there.
 */
export function differencesOf(
  run: Run,
  given: Expectation,
  path: JsonPath,
  { ordered, final }: { ordered: boolean; final: boolean },
): Difference[] {
  const expected = final ? { dlq: [], dropped: [], ...given } : given;
  const stats: Readonly<Record<string, number>> = statsOf(run);
  return [
    ...outDifferences(run, expected, path, ordered),
    ...letterDifferences(run, "dlq", expected, path, ordered),
    ...letterDifferences(run, "dropped", expected, path, ordered),
    ...Object.entries(expected.sink ?? {}).flatMap(([name, documents]) =>
      sinkDifferences(run, name, documents, [...path, "sink", name], ordered),
    ),
    ...Object.entries(expected.stats ?? {}).flatMap(([name, value]) =>
      unless(stats[name] === value, [...path, "stats", name], value, stats[name]),
    ),
    ...watermarkDifferences(run, expected, path),
    ...stateDifferences(run.simulator, expected, path),
    ...requestDifferences(run, expected, path, ordered),
  ];
}

function outDifferences(run: Run, { out }: Expectation, path: JsonPath, ordered: boolean): Difference[] {
  if (out === undefined) return [];
  const { streamMetaFieldName } = run.constants;
  return compareLists(run.out, out, [...path, "out"], {
    ...{ ordered, what: "document" },
    matches: (came, item) => emissionMatches(came, item, streamMetaFieldName),
    show: (came) => shownEmission(came, streamMetaFieldName),
  });
}

function letterDifferences(
  run: Run,
  name: "dlq" | "dropped",
  expected: Expectation,
  path: JsonPath,
  ordered: boolean,
): Difference[] {
  const letters = expected[name];
  if (letters === undefined) return [];
  const what = name === "dlq" ? "dead letter" : "dropped document";
  return compareLists(run[name], letters, [...path, name], {
    ...{ ordered, what, matches: letterMatches, show: shownLetter },
  });
}

function requestDifferences({ world }: Run, { requests }: Expectation, path: JsonPath, ordered: boolean): Difference[] {
  if (requests === undefined) return [];
  return compareLists(world.services.requests, requests, [...path, "requests"], {
    ...{ ordered, what: "request", show: shownValue },
    matches: requestMatches,
  });
}

/** Parts of a request; of its body everything, where anything is expected of it. */
function requestMatches(actual: Request, item: unknown): boolean {
  const { body, ...rest } = expectedValue(item) as { body?: unknown };
  return hasParts(actual, rest) && (body === undefined || sameValue(expectedValue(actual.body), body));
}

function unless(same: boolean, path: JsonPath, expected: unknown, actual: unknown): Difference[] {
  return same ? [] : [{ path, message: `${String(path.at(-1))} is another`, expected, actual }];
}

function statsOf({ simulator }: Run) {
  const { inputMessageCount, outputMessageCount, dlqMessageCount, droppedMessageCount, stateSize, throttle } =
    simulator.stats();
  const { throttledTimeMs: throttledMs, throttleEvents } = throttle;
  return {
    in: inputMessageCount,
    out: outputMessageCount,
    dlq: dlqMessageCount,
    dropped: droppedMessageCount,
    ...{ stateSize, throttledMs, throttleEvents },
  };
}

function watermarkDifferences({ simulator }: Run, { watermark }: Expectation, path: JsonPath): Difference[] {
  if (watermark === undefined) return [];
  const actual = simulator.stats().watermark;
  const same = watermark === null ? actual === undefined : timeOf(watermark) === actual?.getTime();
  return unless(same, [...path, "watermark"], watermark, actual?.toISOString() ?? null);
}

function stateDifferences({ state, failure }: Run["simulator"], expected: Expectation, path: JsonPath): Difference[] {
  // Nobody wants a processor that fails without having said so.
  const { processor, reason } = expected.state ?? (state === "FAILED" ? { processor: "STARTED" as const } : {});
  const same =
    processor === undefined ||
    (processor === state && (reason === undefined || textMatches(reason, failure?.reason ?? "")));
  const actual = { processor: state, ...(failure === undefined ? {} : { reason: failure.reason }) };
  return unless(same, [...path, "state"], expected.state ?? { processor }, actual);
}

function emissionMatches({ after, what }: Came<Emission>, item: unknown, metaField: string): boolean {
  const { after: at, doc, meta, ...rest } = item as { after?: number; doc?: unknown; meta?: unknown };
  return (
    (at === undefined || at === after) &&
    (doc === undefined || sameDocument(what.doc, expectedValue(doc), metaField)) &&
    (meta === undefined || hasParts(what.meta, expectedValue(meta))) &&
    hasParts(what, expectedValue(rest))
  );
}

function letterMatches({ what }: Came<DlqDocument>, item: unknown): boolean {
  const { operator, reason, doc, meta } = item as { operator?: string; reason?: string; doc?: unknown; meta?: unknown };
  return (
    (operator === undefined || operator === what.operatorName) &&
    (reason === undefined || textMatches(reason, what.errInfo.reason)) &&
    (doc === undefined || hasParts(what.doc, expectedValue(doc))) &&
    (meta === undefined || hasParts(what._stream_meta, expectedValue(meta)))
  );
}

/** Collections have no order; topics have one where the case has. */
function sinkDifferences(
  run: Run,
  name: string,
  documents: readonly unknown[],
  path: JsonPath,
  ordered: boolean,
): Difference[] {
  const { collections, logs } = run.world.sinks();
  const log = logs.get(name);
  const actual = log === undefined ? (collections.get(name)?.documents ?? []) : log.map(({ doc }) => doc);
  const { streamMetaFieldName } = run.constants;
  return compareLists<unknown>(actual, documents, path, {
    ordered: ordered && log !== undefined,
    matches: (doc, item) => sameDocument(doc, expectedValue(item), streamMetaFieldName),
    show: shownValue,
    what: "document",
  });
}

function shownEmission({ after, what }: Came<Emission>, metaField: string) {
  const { into, doc, meta, key, headers, partitionKey, path } = what;
  const shown = isDoc(doc) ? Object.fromEntries(Object.entries(doc).filter(([name]) => name !== metaField)) : doc;
  return {
    ...{ after, into, doc: shownValue(shown) },
    ...(key === undefined ? {} : { key: shownValue(key) }),
    ...(headers === undefined ? {} : { headers: shownValue(headers) }),
    ...(partitionKey === undefined ? {} : { partitionKey: shownValue(partitionKey) }),
    ...(path === undefined ? {} : { path }),
    ...(meta.window === undefined ? {} : { meta: shownValue({ window: meta.window }) }),
  };
}

function shownLetter({ what }: Came<DlqDocument>) {
  return { operator: what.operatorName, reason: what.errInfo.reason, doc: shownValue(what.doc) };
}

/** Sinks that were written, with everything they hold. */
function shownSinks({ world, out, constants }: Run): Record<string, unknown[]> {
  const { collections, logs } = world.sinks();
  const written = new Set(out.map(({ what }) => what.into));
  const shown = (doc: unknown) =>
    shownValue(
      isDoc(doc)
        ? Object.fromEntries(Object.entries(doc).filter(([name]) => name !== constants.streamMetaFieldName))
        : doc,
    );
  const names = [...written].filter((name) => collections.has(name) || logs.has(name)).sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      (logs.get(name)?.map(({ doc }) => doc) ?? collections.get(name)?.documents ?? []).map(shown),
    ]),
  );
}

/** What came of a run, in the form of an expectation. */
export function actualOf(run: Run): Actual {
  const { in: input, out, dlq, dropped } = statsOf(run);
  const { state, failure } = run.simulator;
  return {
    out: run.out.map((came) => shownEmission(came, run.constants.streamMetaFieldName)),
    dlq: run.dlq.map(shownLetter),
    dropped: run.dropped.map(shownLetter),
    sink: shownSinks(run),
    stats: { in: input, out, dlq, dropped },
    watermark: run.simulator.stats().watermark?.toISOString() ?? null,
    state: { processor: state, ...(failure === undefined ? {} : { reason: failure.reason }) },
    requests: run.world.services.requests.map(({ kind: _, ...request }: Request) => shownValue(request)),
  };
}
