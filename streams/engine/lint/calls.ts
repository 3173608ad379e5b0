import type { Finding } from "../finding.ts";
import { collectionName } from "./sources.ts";
import { type Rule, type StageUse, type Subject, found, isDocument, member } from "./subject.ts";

const isLast = ({ index, of, place }: StageUse) => place === "main" && index === of - 1;
const named = (subject: Subject, ...names: string[]) => subject.uses.filter(({ name }) => names.includes(name));

/** What a join reads, and by which fields. */
const lookups: Rule = function* (subject) {
  for (const use of named(subject, "$lookup")) {
    const { operand } = use;
    const [from, pipeline] = [member(operand, "from"), member(operand, "pipeline")];
    if (from === undefined && pipeline === undefined)
      yield lookup(subject, use, [], "missing-from", "neither from nor pipeline", "add from");
    else if (from !== undefined && collectionKeys.some((key) => member(from, key) === undefined))
      yield lookup(subject, use, ["from"], "from", "from is not a collection of a connection", fromFix);
    const [local, foreign] = [member(operand, "localField"), member(operand, "foreignField")];
    if ((local === undefined) !== (foreign === undefined))
      yield lookup(subject, use, [], "fields", "localField and foreignField come together", "add the other one");
    else if (local === undefined && pipeline === undefined && from !== undefined)
      yield lookup(
        subject,
        use,
        [],
        "fields",
        "no field and no pipeline to join by",
        "add localField and foreignField",
      );
    yield* nestedLookups(subject, pipeline, [...use.path, "pipeline"]);
  }
};

const collectionKeys = ["connectionName", "db", "coll"];
const fromFix = 'write {"connectionName": "...", "db": "...", "coll": "..."}';

function lookup(subject: Subject, use: StageUse, below: string[], rule: string, message: string, fix: string): Finding {
  const why = "Atlas refuses the processor when it is created";
  return found(subject, [...use.path, ...below], { rule: `calls/lookup-${rule}`, message, why, fix });
}

function* nestedLookups(subject: Subject, pipeline: unknown, path: readonly (string | number)[]): Generator<Finding> {
  if (!Array.isArray(pipeline)) return;
  for (const [index, stage] of pipeline.entries()) {
    const at = [...path, index, "$lookup"];
    if (isDocument(member(stage, "$lookup", "from")))
      yield found(subject, [...at, "from"], {
        ...{ rule: "calls/nested-lookup", message: "a join inside a join names a connection" },
        why: "it runs in the database of the outer one, which knows its own collections only",
        fix: "write the collection's name alone",
      });
    yield* nestedLookups(subject, member(stage, "$lookup", "pipeline"), [...at, "pipeline"]);
  }
}

/** Messages are processed side by side: what one writes another may not yet see. */
const readsItsOwnSink: Rule = function* (subject) {
  const sink = subject.uses.find(({ name, place }) => name === "$merge" && place === "main");
  const into = collectionName(member(sink?.operand, "into"));
  if (into === undefined) return;
  for (const use of named(subject, "$lookup", "$cachedLookup"))
    if (collectionName(member(use.operand, "from")) === into)
      yield found(subject, [...use.path, "from"], {
        ...{ rule: "calls/reads-own-sink", severity: "warning", message: `${use.name} reads what $merge writes` },
        why: "documents are processed side by side, so what was merged a moment ago may not be there yet",
        fix: "add up in whenMatched of $merge, or in a window",
      });
};

const httpsResponse: Rule = function* (subject) {
  for (const use of named(subject, "$https"))
    if (!isLast(use) && member(use.operand, "as") === undefined)
      yield found(subject, use.path, {
        ...{ rule: "calls/https-as", message: "$https in the middle of a pipeline has no as" },
        ...{ why: "nothing says where the response goes", fix: 'add "as": "response"' },
      });
};

const externalFunctions: Rule = function* (subject) {
  for (const use of named(subject, "$externalFunction")) {
    const value = (name: string) => member(use.operand, name);
    const call = (
      rule: string,
      below: string[],
      message: string,
      fix: string,
      severity: "error" | "warning" = "error",
    ) => {
      const why = "Atlas describes it like this for calls of AWS Lambda";
      return found(subject, [...use.path, ...below], { rule: `calls/function-${rule}`, severity, message, why, fix });
    };
    const async = value("execution") === "async";
    const parallel = Number(value("parallelism") ?? 1) > 1;
    if (async && value("as") !== undefined)
      yield call("as", ["as"], "an asynchronous call has as", "remove it: nobody waits for a response");
    if (!async && value("as") === undefined && !isLast(use))
      yield call("as", [], "a synchronous call in the middle of a pipeline has no as", 'add "as": "response"');
    if (async && parallel)
      yield call("parallelism", ["parallelism"], "an asynchronous call is parallel already", "remove parallelism");
    if (value("partitionBy") !== undefined && (async || !parallel))
      yield call(
        "partition",
        ["partitionBy"],
        "partitionBy without parallel synchronous calls",
        "add parallelism above 1",
      );
    if (!async && isLast(use))
      yield call("sink", [], "a synchronous call ends the pipeline", 'write "execution": "async"', "warning");
  }
};

const vectorSearches: Rule = function* (subject) {
  for (const use of named(subject, "$vectorSearch")) {
    const value = (name: string) => member(use.operand, name);
    const search = (rule: string, message: string, fix: string) =>
      found(subject, use.path, {
        ...{ rule: `calls/vector-search-${rule}`, message, fix },
        why: "every document would fail, or the processor would not start",
      });
    if ((value("queryVector") === undefined) === (value("query") === undefined))
      yield search("query", "not exactly one of queryVector and query", "write one of the two");
    if (value("model") !== undefined && value("query") === undefined)
      yield search("model", "model without query", "remove it: a vector needs no model");
    if (value("exact") !== true && value("numCandidates") === undefined)
      yield search("candidates", "neither numCandidates nor exact", "add numCandidates");
    if (Number(value("limit")) > Number(value("numCandidates") ?? Infinity))
      yield search("limit", "limit is above numCandidates", "raise numCandidates");
  }
};

const throttles: Rule = function* (subject) {
  for (const use of named(subject, "$throttle"))
    if (member(use.operand, "bytesPerSec") === undefined && member(use.operand, "messagesPerSec") === undefined)
      yield found(subject, use.path, {
        ...{ rule: "calls/throttle", message: "$throttle has neither bytesPerSec nor messagesPerSec" },
        ...{ why: "Atlas refuses a limit that limits nothing", fix: "add one of them" },
      });
};

const streamMeta: Rule = function* (subject) {
  for (const use of named(subject, "$setStreamMeta"))
    for (const key of isDocument(use.operand) ? Object.keys(use.operand) : [])
      if (!key.startsWith("stream."))
        yield found(subject, [...use.path, key], {
          ...{ rule: "calls/stream-meta", message: "a field of the stream's metadata does not begin with stream." },
          ...{ why: "Atlas takes no others", fix: "write stream. in front of it" },
        });
};

export const calls: readonly Rule[] = [
  ...[lookups, readsItsOwnSink, httpsResponse],
  ...[externalFunctions, vectorSearches, throttles, streamMeta],
];
