import { isDeepStrictEqual } from "node:util";
import type { StepMetadata } from "../engine/events.ts";
import { isObject } from "../plans/json.ts";
import { isSecret } from "../plans/plan-digest.ts";
import { redact } from "../promotion/redact.ts";
import { pathSteps, pathText, valueAt } from "./property-path.ts";

/** A property that is not what the state says. */
export interface PropertyDifference {
  /** As Pulumi writes it, e.g. `tags.owner` or `rules[0]["a.b"]`. */
  path: string;
  steps: string[];
  /** JSON of the value on record; undefined where there was none. `[secret]` for what must not be shown. */
  recorded: string | undefined;
  /** The same for the value that is there now. */
  found: string | undefined;
}

const SECRET = "[secret]";
const LONGEST_VALUE = 200;
/** Words of a path whose values are nobody's to read, whatever the engine knows about them. */
const secretName = /pass(?:word|phrase|wd)|secret|token|credential|private_?key|api_?key|access_?key/i;

/** The properties a refresh found changed that the program could have set; where the engine names none, any that changed. */
export function inputDifferences(metadata: StepMetadata): PropertyDifference[] {
  const detailed = Object.keys(metadata.detailedDiff ?? {});
  const inputs = differingPaths(metadata.old?.inputs, metadata.new?.inputs);
  const paths = [detailed.map(pathSteps), inputs].find((each) => each.length > 0);
  return paths?.map((steps) => difference(metadata, steps)) ?? outputDifferences(metadata);
}

/** Properties that the service computes and that no program sets: they are different, and that is no drift. */
export const outputDifferences = (metadata: StepMetadata): PropertyDifference[] =>
  differingPaths(metadata.old?.outputs, metadata.new?.outputs).map((steps) => difference(metadata, steps));

/** Where two values differ, as deep as both are objects. */
function differingPaths(before: unknown, after: unknown, at: readonly string[] = []): string[][] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after) || isSecret(before) || isSecret(after))
    return at.length === 0 && (before === undefined || after === undefined) ? [] : [[...at]];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys]
    .filter((key) => !key.startsWith("__"))
    .flatMap((key) => differingPaths(before[key], after[key], [...at, key]));
}

function difference({ old, new: next }: StepMetadata, steps: string[]): PropertyDifference {
  const sides = [old?.inputs, old?.outputs, next?.inputs, next?.outputs];
  const hidden = steps.some((step) => secretName.test(step)) || sides.some((side) => meetsSecret(side, steps));
  const show = (inputs: unknown, outputs: unknown) => {
    const value = valueAt(inputs, steps) ?? valueAt(outputs, steps);
    if (value === undefined) return undefined;
    return hidden ? SECRET : shown(value);
  };
  return {
    path: pathText(steps),
    steps,
    recorded: show(old?.inputs, old?.outputs),
    found: show(next?.inputs, next?.outputs),
  };
}

/** Whether a secret is on the way to a place: then whatever is there belongs to it, on both sides of the difference. */
function meetsSecret(value: unknown, steps: readonly string[]): boolean {
  if (isSecret(value)) return true;
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== "object" || value === null) return false;
  return meetsSecret((value as Record<string, unknown>)[step], rest);
}

function shown(value: unknown): string {
  const text = redact(JSON.stringify(masked(value)));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1).toWellFormed()}…` : text;
}

/** Secrets inside a value: by the engine's mark, and by name. */
function masked(value: unknown): unknown {
  if (isSecret(value)) return SECRET;
  if (Array.isArray(value)) return value.map(masked);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, secretName.test(key) ? SECRET : masked(inner)]),
  );
}
