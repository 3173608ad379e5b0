import { ignoredBy, type IgnoreRule } from "../../config/drift.ts";
import type { PendingOperation } from "../engine/checkpoint.ts";
import type { StepMetadata } from "../engine/events.ts";
import type { RunSummary } from "../engine/summary.ts";
import { inputDifferences, outputDifferences, type PropertyDifference } from "./differences.ts";
import { pipelineDifferences } from "./pipelines.ts";
import { nameOfUrn } from "../engine/urn.ts";

interface Subject {
  urn: string;
  type: string;
  name: string;
}

/** The last that is known to have been done to something, and by whom. */
export interface LastEvent {
  event: string;
  at: string;
  by: string | null;
}

/** A property for a person and a machine: where it is, what the record says, what is there. */
export type ShownDifference = Omit<PropertyDifference, "steps">;

export type DriftFinding =
  /** Somebody changed it, and not through the program. */
  (
    | (Subject & { class: "changed-outside"; properties: ShownDifference[] })
    /** Somebody deleted it. */
    | (Subject & { class: "missing-outside"; id: string | undefined })
    /** Somebody made it, and no program says that it is there. */
    | (Subject & { class: "unknown-outside"; id: string | undefined })
    /** What the program says has not been brought up. */
    | (Subject & { class: "code-ahead"; op: string; properties: string[] })
    /** A killed run had begun this, and nobody knows whether it happened. */
    | (Subject & { class: "pending"; operation: string; id: string | undefined })
  ) & { last?: LastEvent };

export type DriftClass = DriftFinding["class"];

/** A difference that is none of anybody's business, and why. */
export interface Noise extends Subject {
  properties: ShownDifference[];
  reason: string;
}

export interface Classified {
  findings: DriftFinding[];
  noise: Noise[];
}

export interface DriftFacts {
  /** The last word of a refresh preview on each resource. */
  refreshed: readonly StepMetadata[];
  /** A preview of the program against the state. */
  preview: Pick<RunSummary, "resources">;
  pending: readonly PendingOperation[];
  rules: readonly IgnoreRule[];
}

const COMPUTED = "the service computes it and no program sets it";

/** Sorts every difference into its class; in the order of the facts, what people did first. */
export function classify({ refreshed, preview, pending, rules }: DriftFacts): Classified {
  const outside = refreshed.map((metadata) => fromRefresh(metadata, rules));
  return {
    findings: [
      ...outside.flatMap(({ findings }) => findings),
      ...preview.resources.flatMap(codeAhead),
      ...pending.map(({ operation, id, ...rest }) => ({ class: "pending" as const, ...subject(rest), operation, id })),
    ],
    noise: outside.flatMap(({ noise }) => noise),
  };
}

function fromRefresh(metadata: StepMetadata, rules: readonly IgnoreRule[]): Classified {
  if (metadata.op === "delete")
    return { findings: [{ class: "missing-outside", ...subject(metadata), id: metadata.old?.id }], noise: [] };
  const all = metadata.op === "update" ? inputDifferences(metadata) : [];
  const judged = all.map((property) => ({
    property,
    rule: sameMeaning(metadata, property) ?? ignoredBy(rules, metadata.type, property.steps),
  }));
  const drifted = judged.filter(({ rule }) => rule === undefined).map(({ property }) => shownOf(property));
  const noise = judged.flatMap(({ property, rule }) => (rule ? [{ property, reason: rule.reason }] : []));
  const inputs = new Set(all.map(({ steps }) => steps[0]));
  const computed = outputDifferences(metadata).filter(({ steps }) => !inputs.has(steps[0]));
  const unheard = [...noise, ...computed.map((property) => ({ property, reason: COMPUTED }))];
  return {
    findings: drifted.length > 0 ? [{ class: "changed-outside", ...subject(metadata), properties: drifted }] : [],
    noise: unheard.map(({ property, reason }) => ({ ...subject(metadata), properties: [shownOf(property)], reason })),
  };
}

const REORDERED = { reason: "Atlas gives keys back in another order, and there it means nothing" };

/** A pipeline is JSON in a text: what counts is what it says. */
function sameMeaning({ type, old, new: now }: StepMetadata, { steps }: PropertyDifference) {
  if (!/^mongodbatlas:.*:StreamProcessor$/.test(type) || steps[0] !== "pipeline") return undefined;
  const [recorded, found] = [old?.inputs?.["pipeline"], now?.inputs?.["pipeline"]];
  if (typeof recorded !== "string" || typeof found !== "string") return undefined;
  return pipelineDifferences(recorded, found).length === 0 ? REORDERED : undefined;
}

const unchanged = new Set(["same", "read", "refresh", "read-discard"]);

function codeAhead({ urn, type, name, op, diffs }: RunSummary["resources"][number]): DriftFinding[] {
  if (unchanged.has(op)) return [];
  return [{ class: "code-ahead", urn, type, name, op, properties: diffs.map(({ path }) => path) }];
}

const subject = ({ urn, type }: { urn: string; type: string }): Subject => ({
  urn,
  type,
  name: nameOfUrn(urn),
});

const shownOf = ({ path, recorded, found }: PropertyDifference): ShownDifference => ({ path, recorded, found });
