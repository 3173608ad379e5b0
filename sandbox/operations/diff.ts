import { diffProperties, type DiffRules, type Difference } from "../server/diff.ts";
import type { Properties } from "../types/type-spec.ts";
import type { Behaviour } from "./behaviours.ts";
import { hasMadeUpName } from "./check.ts";
import { uniqueKeyOf } from "./properties.ts";
import { parseUrn, type Session } from "./session.ts";

export interface DiffResult {
  differences: Difference[];
  deleteBeforeReplace: boolean;
}

export function diff(session: Session, urn: string, oldInputs: Properties, news: Properties): DiffResult {
  const behaviour = session.behaviours.of(parseUrn(urn).type);
  const differences = diffProperties(oldInputs, news, replaceRules(behaviour));
  const replaces = differences.some((difference) => difference.replace);
  return { differences, deleteBeforeReplace: replaces && mustGoFirst(behaviour, urn, oldInputs, news) };
}

export function replaceRules(behaviour: Behaviour): DiffRules {
  return { replaceOn: behaviour.replaceOn ?? [] };
}

/** A replacement that keeps the unique name cannot stand beside the resource it replaces; a name that was made up is made up anew. */
function mustGoFirst(behaviour: Behaviour, urn: string, olds: Properties, news: Properties): boolean {
  if (behaviour.deleteBeforeReplace) return true;
  const property = behaviour.autoName?.property;
  const named = property !== undefined && behaviour.unique?.properties.includes(property) === true;
  if (named && hasMadeUpName(behaviour, urn, olds)) return false;
  const before = uniqueKeyOf(behaviour, olds);
  return before !== undefined && before === uniqueKeyOf(behaviour, news);
}
