import { stages } from "../../catalogue/stages.ts";
import type { JsonPath } from "../../json/document.ts";
import { CannotSimulate, PipelineRefused } from "../errors.ts";
import type { Place } from "./stage.ts";

const shaping = ["$addFields", "$set", "$project", "$replaceRoot", "$replaceWith", "$unset"];
const allTogether = ["$group", "$sort", "$count", "$limit", "$skip"];

/** Pipelines that run in a cluster instead of in the processor: what is simulated of their stages. */
const inCluster: Readonly<Record<"change-stream" | "lookup" | "merge", ReadonlySet<string>>> = {
  "change-stream": new Set([...shaping, "$match", "$redact"]),
  lookup: new Set([...shaping, ...allTogether, "$match", "$redact", "$unwind", "$lookup"]),
  merge: new Set(shaping),
};

const where: Readonly<Record<Place, string>> = {
  main: "outside of a window",
  window: "inside a window",
  payload: "in a payload",
  "change-stream": "in the pipeline of a change stream",
  lookup: "inside a $lookup",
  merge: "in whenMatched",
};

/** Stages that Atlas has, and that are not built here. */
const notBuilt = new Set(["$vectorSearch", "$iceberg"]);

/** @throws PipelineRefused where Atlas has no such stage in this place; CannotSimulate where it may */
export function placed(name: string, place: Place, path: JsonPath): void {
  if (place === "change-stream" || place === "lookup" || place === "merge") {
    if (inCluster[place].has(name)) return;
    throw new CannotSimulate(`${name} ${where[place]}`, path);
  }
  const spec = Object.hasOwn(stages, name) ? stages[name] : undefined;
  if (notBuilt.has(name)) throw new CannotSimulate(name, path);
  const own = spec?.role === "transform" || spec?.role === "call";
  if (own && spec.places.includes(place)) return;
  throw new PipelineRefused(`Atlas Stream Processing has no ${name} ${where[place]}${hint(spec)}`, path);
}

function hint(spec: (typeof stages)[string] | undefined): string {
  switch (spec?.role) {
    case "source":
      return ": it stands first in a pipeline, and once";
    case "sink":
      return ": it stands last in a pipeline, and once";
    case "window":
      return ": a pipeline has one window, and none inside it";
    case "transform":
    case "call":
      return `: it stands ${spec.places.map((place) => where[place]).join(" or ")}`;
    case undefined:
      return "";
  }
}
