import { hasUnknown } from "../unknown.ts";
import type { Failure, Properties, TypeContext } from "../types/type-spec.ts";
import { valueAt, withValueAt } from "../types/path.ts";
import type { Behaviour } from "./behaviours.ts";
import { contextOf, isKnown, parseUrn, placeOf, type Session } from "./session.ts";

export interface CheckResult {
  inputs: Properties;
  failures: Failure[];
}

/** Completes and validates the inputs of a program. Reads the cloud, never writes to it. */
export function check(session: Session, urn: string, olds: Properties, news: Properties): CheckResult {
  const behaviour = session.behaviours.of(parseUrn(urn).type);
  const { region } = placeOf(session, behaviour, news);
  const context = contextOf(session, { urn, region });
  const inStack = Object.keys(olds).length > 0;
  if (inStack) mentionOldest(session, urn);
  const inputs = withName(session, behaviour, { urn, olds, news, region });
  return { inputs, failures: failuresOf(behaviour, inputs, context) };
}

/**
 * Old inputs say that the state holds a resource of this URN, though not which. Before anything else tells, it is the
 * one that was created first: a half-finished replacement comes later.
 */
function mentionOldest(session: Session, urn: string): void {
  const found = session.cloud.list({ urn });
  if (found.some((resource) => isKnown(session, resource))) return;
  const oldest = found[0];
  if (oldest !== undefined) session.mentions.add(urn, oldest.id);
}

interface Naming {
  urn: string;
  olds: Properties;
  news: Properties;
  region: string;
}

function withName(session: Session, behaviour: Behaviour, naming: Naming): Properties {
  const { urn, olds, news, region } = naming;
  const rule = behaviour.autoName;
  if (rule === undefined || valueAt(news, rule.property) !== undefined) return news;
  const prefix = namePrefix(parseUrn(urn).name, rule.maxLength, rule.separator ?? "-");
  const old = valueAt(olds, rule.property);
  if (typeof old === "string" && old.startsWith(prefix) && /^[0-9a-f]{7}$/.test(old.slice(prefix.length))) {
    return withValueAt(news, rule.property, old);
  }
  const taken = namesInUse(session, urn, rule.property);
  for (let salt = 0; ; salt += 1) {
    const name = prefix + contextOf(session, { urn, region, salt }).suffix(7);
    if (!taken.has(name)) return withValueAt(news, rule.property, name);
  }
}

/** Names that live resources of the URN hold, without an orphan's: its name is the one to come back to. */
function namesInUse(session: Session, urn: string, property: string): Set<unknown> {
  const known = session.cloud.list({ urn }).filter((resource) => isKnown(session, resource));
  return new Set(known.map((resource) => valueAt(resource.inputs, property)));
}

function namePrefix(name: string, maxLength: number, separator: string): string {
  return name.slice(0, Math.max(0, maxLength - separator.length - 7)) + separator;
}

function failuresOf(behaviour: Behaviour, inputs: Properties, context: TypeContext): Failure[] {
  try {
    return behaviour.validate?.(inputs, context) ?? [];
  } catch (error) {
    // A rule that trips over a value nobody knows yet has no opinion; it is asked again with the real one.
    if (hasUnknown(inputs)) return [];
    throw error;
  }
}
