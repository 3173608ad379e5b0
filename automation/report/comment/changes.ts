import type { EngineEvent, StepMetadata } from "../../engine/events.ts";
import { foldedOp, propertyChanges } from "../../engine/property-changes.ts";
import type { RunSummary } from "../../engine/summary.ts";
import { nameOfUrn, typeOfUrn } from "../../engine/urn.ts";
import { CostTally } from "./costs.ts";
import type { Change, Property } from "./model.ts";
import { statefulNoun } from "./stateful.ts";
import { VALUE_LENGTH, cut, sidesOf, withoutKnown } from "./values.ts";

/** More properties of one resource than anybody reads. */
const MOST_PROPERTIES = 60;
const MOST_UNCHANGED = 20;

const STACK_TYPE = "pulumi:pulumi:Stack";
const quiet = new Set(["same", "read", "refresh", "read-discard"]);

interface Seen {
  protect: boolean;
  properties: Property[];
  unchanged: string[];
}

/** Collects from the events of one preview what a summary leaves out: values, protection, prices. */
export interface ChangeFold {
  add(event: EngineEvent): void;
  /** The changes of a finished run, what turned out to be secret masked in all of them. */
  changes(summary: RunSummary): Change[];
  cost(): ReturnType<CostTally["total"]>;
  /** Masks in a text what turned out to be secret. */
  clean(text: string): string;
}

export function createChangeFold(): ChangeFold {
  const seen = new Map<string, Seen>();
  const priced = new Set<string>();
  const known = new Set<string>();
  const tally = new CostTally();
  return {
    add(event) {
      const step = (event.resourcePreEvent ?? event.resOutputsEvent)?.metadata;
      if (step === undefined) return;
      if (!priced.has(step.urn)) {
        priced.add(step.urn);
        price(tally, step);
      }
      if (quiet.has(step.op)) return;
      const now = seenIn(step, known);
      const earlier = seen.get(step.urn);
      if (earlier === undefined || earlier.properties.length === 0) seen.set(step.urn, now);
    },
    changes: (summary) => changesOf(summary, seen, known),
    cost: () => tally.total(),
    clean: (text) => withoutKnown(text, known),
  };
}

/** Steps of components and of the stack itself cost nothing. */
function price(tally: CostTally, { op, type, old, new: next }: StepMetadata): void {
  if (next?.custom === false || old?.custom === false || type.startsWith("pulumi:")) return;
  const gone = op === "delete" || op === "read-discard";
  tally.add(type, op === "create" ? undefined : old?.inputs, gone ? undefined : (next?.inputs ?? old?.inputs));
}

function seenIn(step: StepMetadata, known: Set<string>): Seen {
  const { op, old, new: next } = step;
  const protect = old?.protect === true || (op === "create" && next?.protect === true);
  if (op !== "update" && foldedOp(op) !== "replace") return { protect, properties: [], unchanged: [] };
  const changed = propertyChanges(step);
  const touched = new Set(changed.map(({ path }) => path.split(/[.[]/, 1)[0]));
  const unchanged = Object.keys(next?.inputs ?? {}).filter((name) => !name.startsWith("__") && !touched.has(name));
  // Those that force a replacement come first: they are why anybody looks.
  const sorted = [...changed.filter(({ replaces }) => replaces), ...changed.filter(({ replaces }) => !replaces)];
  const properties = sorted.slice(0, MOST_PROPERTIES).map((one) => propertyOf(step, one, known));
  return { protect, properties, unchanged: unchanged.sort().slice(0, MOST_UNCHANGED) };
}

type Found = ReturnType<typeof propertyChanges>[number];

function propertyOf({ detailedDiff, old, new: next }: StepMetadata, found: Found, known: Set<string>): Property {
  const { path, replaces } = found;
  // A provider that compares with what it found in the cloud speaks of outputs.
  const fromOutputs = detailedDiff?.[path]?.inputDiff === false;
  const sides = sidesOf(path, fromOutputs ? { ...old?.inputs, ...old?.outputs } : old?.inputs, next?.inputs);
  for (const secret of sides.known) known.add(secret);
  const kind = found.kind === "add" || found.kind === "delete" ? found.kind : "update";
  const before = kind === "add" || sides.before === undefined ? {} : { before: sides.before };
  const after = kind === "delete" || sides.after === undefined ? {} : { after: sides.after };
  return { path, kind, replaces, ...before, ...after };
}

function changesOf(summary: RunSummary, seen: ReadonlyMap<string, Seen>, known: ReadonlySet<string>): Change[] {
  const clean = (text: string) => cut(withoutKnown(text, known), VALUE_LENGTH);
  return summary.resources
    .filter(({ op, type }) => !quiet.has(op) && type !== STACK_TYPE)
    .map(({ urn, type, name, op, parent }) => {
      const { protect = false, properties = [], unchanged = [] } = seen.get(urn) ?? {};
      const stateful = statefulNoun(type);
      return {
        ...{ urn, type, name, op, protect, unchanged },
        component: parent === undefined ? "" : `${typeOfUrn(parent)} ${nameOfUrn(parent)}`,
        ...(stateful === undefined ? {} : { stateful }),
        properties: properties.map(({ before, after, ...rest }) => ({
          ...rest,
          ...(before === undefined ? {} : { before: clean(before) }),
          ...(after === undefined ? {} : { after: clean(after) }),
        })),
      };
    });
}
