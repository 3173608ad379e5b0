import type { JsonPath } from "../../json/document.ts";
import { CannotSimulate, PipelineRefused } from "../errors.ts";
import type { Place } from "./stage.ts";

const shaping = ["$addFields", "$set", "$project", "$replaceRoot"];
const perDocument = [...shaping, "$unset", "$replaceWith", "$match", "$redact", "$unwind", "$validate"];
const outside = ["$lookup", "$https", "$externalFunction"];
const allTogether = ["$group", "$sort", "$count", "$limit"];

/** The stages that Atlas allows in each place, and no others. */
const allowed: Readonly<Record<Place, ReadonlySet<string>>> = {
  main: new Set([...perDocument, ...outside, "$cachedLookup", "$setStreamMeta", "$throttle"]),
  window: new Set([...perDocument, ...outside, ...allTogether]),
  payload: new Set(shaping),
  "change-stream": new Set([...shaping, "$match", "$unset", "$replaceWith", "$redact"]),
  // Inside a $lookup the cluster runs the pipeline: these are what is simulated of its stages.
  lookup: new Set([...perDocument.filter((name) => name !== "$validate"), ...allTogether, "$skip", "$lookup"]),
  merge: new Set([...shaping, "$unset", "$replaceWith"]),
};

const where: Readonly<Record<Place, string>> = {
  main: "outside of a window",
  window: "inside a window",
  payload: "in a payload",
  "change-stream": "in the pipeline of a change stream",
  lookup: "inside a $lookup",
  merge: "in whenMatched",
};

/** Stages that exist and are not built here. */
const notBuilt = new Set([
  "$vectorSearch",
  "$iceberg",
  "$facet",
  "$unionWith",
  "$graphLookup",
  "$setWindowFields",
  "$densify",
]);

/** @throws PipelineRefused where Atlas has no such stage in this place; CannotSimulate where it may */
export function placed(name: string, place: Place, path: JsonPath): void {
  if (allowed[place].has(name)) return;
  if (name === "$vectorSearch" || name === "$iceberg" || place === "lookup")
    throw new CannotSimulate(`${name} ${where[place]}`, path);
  const other = (Object.keys(allowed) as Place[]).find((each) => allowed[each].has(name));
  const special = { $source: "first", $merge: "last", $emit: "last" }[name];
  const window = /^\$(?:tumbling|hopping|session)Window$/.test(name);
  const hint =
    special !== undefined
      ? `: it stands ${special} in a pipeline`
      : window
        ? ": a pipeline has one window, and none inside it"
        : other !== undefined && !notBuilt.has(name)
          ? `: it stands ${where[other]}`
          : "";
  throw new PipelineRefused(`Atlas Stream Processing has no ${name} ${where[place]}${hint}`, path);
}
