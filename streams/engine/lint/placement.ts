import { type Place, databaseOnly, stages } from "../catalogue/stages.ts";
import type { Finding } from "../finding.ts";
import { type Rule, type StageUse, type Subject, found } from "./subject.ts";
import { didYouMean } from "./suggest.ts";

/** A stage is a document with one key, its name. */
export const stageForm: Rule = function* (subject) {
  for (const { path, keys } of subject.malformed)
    yield found(subject, path, {
      rule: "placement/stage-form",
      message: keys.length > 1 ? `one stage names ${keys.join(" and ")}` : "no stage",
      why: "Atlas takes documents with exactly one key as stages",
      fix: keys.length > 1 ? "write a document for each of them" : 'write {"$match": {...}} or another stage',
    });
};

export const unknownStage: Rule = function* (subject) {
  for (const use of subject.uses) if (use.spec === undefined) yield unknown(subject, use);
};

function unknown(subject: Subject, { name, path }: StageUse): Finding {
  const like = didYouMean(name, Object.keys(stages));
  const known = databaseOnly.has(name);
  return found(subject, path, {
    rule: "placement/unknown-stage",
    message: known ? `${name} is a stage of databases, not of streams` : `there is no stage ${name}`,
    why: "Atlas refuses the processor when it is created",
    fix: like !== undefined && !known ? `did you mean ${like}?` : "leave it out, or say it with the stages of streams",
  });
}

const names: Readonly<Record<Place, string>> = {
  main: "in the pipeline itself",
  window: "inside a window",
  payload: "in a payload",
};

/** Stages that stand where Atlas does not take them, `$group` outside of a window first of all. */
export const wrongPlace: Rule = function* (subject) {
  for (const { name, spec, place, path } of subject.uses) {
    if (spec === undefined || spec.places.includes(place)) continue;
    const onlyInWindows = spec.places.length === 1 && spec.places[0] === "window";
    yield found(subject, path, {
      rule: "placement/wrong-place",
      message: `${name} stands ${names[place]}`,
      why: onlyInWindows
        ? "a stream has no end, so only a window has something to group, sort, count or limit"
        : `Atlas takes it ${spec.places.map((one) => names[one]).join(" or ")} alone`,
      fix: onlyInWindows ? "put it into the pipeline of a window" : "move it, or leave it out",
    });
  }
};

export const sourcePlace: Rule = function* (subject) {
  const sources = subject.uses.filter(({ name, place }) => name === "$source" && place === "main");
  if (sources.length === 0)
    yield found(subject, ["pipeline"], {
      ...{ rule: "placement/no-source", message: "no $source" },
      ...{ why: "nothing says where documents come from", fix: "begin the pipeline with $source" },
    });
  for (const [index, { path, index: position }] of sources.entries()) {
    if (index > 0)
      yield found(subject, path, {
        ...{ rule: "placement/second-source", message: "a second $source" },
        ...{ why: "a processor reads from exactly one source", fix: "make a processor for each source" },
      });
    else if (position > 0)
      yield found(subject, path, {
        ...{ rule: "placement/source-not-first", message: "$source is not the first stage" },
        ...{ why: "stages before it would have nothing to work on", fix: "move it to the beginning" },
      });
  }
};

export const secondWindow: Rule = function* (subject) {
  const windows = subject.uses.filter(({ spec, place }) => spec?.role === "window" && place === "main");
  for (const { name, path } of windows.slice(1))
    yield found(subject, path, {
      ...{ rule: "placement/second-window", message: `a second window, ${name}` },
      why: "Atlas takes one window stage in a pipeline",
      fix: "write the result of the first to a topic or a collection, and read it with a processor of its own",
    });
};

export const sinkPlace: Rule = function* (subject) {
  const main = subject.uses.filter(({ place }) => place === "main");
  const sinks = main.filter(({ spec }) => spec?.role === "sink");
  for (const { name, path, index, of } of sinks)
    if (index < of - 1)
      yield found(subject, path, {
        ...{ rule: "placement/sink-not-last", message: `${name} is not the last stage` },
        ...{ why: "a pipeline has one sink, and nothing comes behind it", fix: "move it to the end, or leave it out" },
      });
  const last = main.at(-1);
  if (
    last !== undefined &&
    last.index === last.of - 1 &&
    last.spec !== undefined &&
    last.spec.role !== "sink" &&
    last.spec.ends !== true
  )
    yield found(subject, last.path, {
      ...{ rule: "placement/no-sink", message: `the pipeline ends with ${last.name}` },
      why: "a processor that writes nowhere cannot be created; only sp.process() runs one",
      fix: "end it with $merge, $emit, $iceberg, $https or $externalFunction",
    });
};

export const placement: readonly Rule[] = [stageForm, unknownStage, wrongPlace, sourcePlace, secondWindow, sinkPlace];
