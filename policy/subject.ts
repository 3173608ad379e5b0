import { UNKNOWN, type Subject } from "./model.ts";

/** Whether the SDK's proxy refuses to give a value that only the update will know. */
const isUnknownError = (error: unknown): boolean => /can't be known during preview/.test(String(error));

/** Plain data of what the SDK hands to a policy; what a preview cannot know becomes UNKNOWN instead of an error. */
export function plainOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  const entries = keys.map((key): [PropertyKey, unknown] => [key, member(value, key)]);
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function member(value: object, key: PropertyKey): unknown {
  try {
    return plainOf((value as Record<PropertyKey, unknown>)[key]);
  } catch (error) {
    if (isUnknownError(error)) return UNKNOWN;
    throw error;
  }
}

/** Stack that a URN is of. */
export const stackOfUrn = (urn: string): string => urn.split(":")[2] ?? "";

/** What a policy is told of a resource, as far as it is needed. */
export interface Given {
  urn: string;
  type: string;
  name: string;
  props: unknown;
  opts: { protect: boolean };
}

/** The subject of rules for a resource. */
export const subjectOf = ({ urn, type, name, props, opts }: Given, dependsOn: readonly string[] = []): Subject => ({
  ...{ urn, type, name, protect: opts.protect, stack: stackOfUrn(urn), dependsOn },
  props: plainOf(props) as Subject["props"],
});
