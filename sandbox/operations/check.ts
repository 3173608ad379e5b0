import { hasUnknown } from "../unknown.ts";
import type { Failure, Properties, TypeContext } from "../types/type-spec.ts";
import { valueAt, withValueAt } from "../types/path.ts";
import type { Behaviour } from "./behaviours.ts";
import { siblingsOf } from "./orphans.ts";
import { contextOf, parseUrn, placeOf, type Session } from "./session.ts";

export interface CheckResult {
  inputs: Properties;
  failures: Failure[];
}

/** Completes and validates the inputs of a program. Reads the cloud, never writes to it. */
export function check(session: Session, urn: string, olds: Properties, news: Properties): CheckResult {
  const behaviour = session.behaviours.of(parseUrn(urn).type);
  const place = placeOf(session, behaviour, news);
  const context = contextOf(session, { urn, region: place.region });
  const named = withName(session, behaviour, { urn, olds, news, place });
  const inputs = { ...named, ...behaviour.derived?.(named, context) };
  return { inputs, failures: failuresOf(behaviour, inputs, context) };
}

interface Naming {
  urn: string;
  olds: Properties;
  news: Properties;
  place: Place;
}

type Place = ReturnType<typeof placeOf>;

function withName(session: Session, behaviour: Behaviour, naming: Naming): Properties {
  const { urn, olds, news, place } = naming;
  const rule = behaviour.autoName;
  if (rule === undefined || valueAt(news, rule.property) !== undefined) return news;
  if (hasMadeUpName(behaviour, urn, olds)) return withValueAt(news, rule.property, valueAt(olds, rule.property));
  const prefix = namePrefix(urn, rule);
  const taken = namesInUse(session, urn, rule.property, place);
  for (let salt = 0; ; salt += 1) {
    const name = prefix + contextOf(session, { urn, region: place.region, salt }).suffix(7);
    if (!taken.has(name)) return withValueAt(news, rule.property, name);
  }
}

/** Names that recorded resources of the URN hold. An orphan's is free: it is the one to come back to. */
function namesInUse(session: Session, urn: string, property: string, place: Place): Set<unknown> {
  return new Set(siblingsOf(session, urn, place).recorded.map((resource) => valueAt(resource.inputs, property)));
}

/** Whether the resource goes by a name that was made up for it. */
export function hasMadeUpName(behaviour: Behaviour, urn: string, inputs: Properties): boolean {
  const rule = behaviour.autoName;
  const name = rule === undefined ? undefined : valueAt(inputs, rule.property);
  if (rule === undefined || typeof name !== "string") return false;
  const prefix = namePrefix(urn, rule);
  return name.startsWith(prefix) && /^[0-9a-f]{7}$/.test(name.slice(prefix.length));
}

function namePrefix(urn: string, { maxLength, separator = "-" }: NonNullable<Behaviour["autoName"]>): string {
  return parseUrn(urn).name.slice(0, Math.max(0, maxLength - separator.length - 7)) + separator;
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
