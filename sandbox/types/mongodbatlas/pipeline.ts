import { failures } from "../build.ts";
import type { Failure, Properties } from "../type-spec.ts";

const sinks = ["$merge", "$emit", "$https", "$externalFunction"];

/** A stream pipeline is a JSON list of one-operator stages that begins with a source and ends in a sink. */
export function checkPipeline(inputs: Properties): Failure[] {
  const value = inputs["pipeline"];
  if (typeof value !== "string") return [];
  const fail = (reason: string): Failure => ({
    property: "pipeline",
    reason: `STREAM_PROCESSOR_GENERIC_ERROR: ${reason}`,
  });
  const stages = parse(value);
  if (typeof stages === "string") return [fail(stages)];
  const operators = stages.map((stage) => Object.keys(stage));
  const mixed = operators.findIndex((keys) => keys.length !== 1 || !keys[0]?.startsWith("$"));
  const first = operators[0]?.[0];
  const last = operators.at(-1)?.[0] ?? "";
  const strayed = operators.slice(1).some((keys) => keys[0] === "$source");
  return failures(
    mixed < 0 ? undefined : fail(`stage ${mixed} must have exactly one operator that begins with $`),
    first === "$source" ? undefined : fail("the first stage must be $source"),
    strayed ? fail("$source may only be the first stage") : undefined,
    sinks.includes(last) ? undefined : fail(`the last stage must be one of ${sinks.join(", ")}`),
  );
}

function parse(value: string): Properties[] | string {
  try {
    const parsed: unknown = JSON.parse(value);
    const stages = Array.isArray(parsed) && parsed.every((stage) => typeof stage === "object" && stage !== null);
    return stages ? (parsed as Properties[]) : "the pipeline must be a JSON list of stages";
  } catch (error) {
    return `the pipeline contains invalid JSON: ${(error as Error).message}`;
  }
}
