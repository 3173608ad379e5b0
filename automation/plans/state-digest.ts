import type { StackState, StateResource } from "../engine/checkpoint.ts";
import { canonicalJson, sha256, type Json } from "../release/canonical.ts";

/** Members that say when and from which line a resource came, not what it is. */
const incidental = new Set(["created", "modified", "sourcePosition", "stackTrace"]);

/**
 * Digest of what a state says there is: every resource and every pending operation, in no particular order. The time of the file,
 * its format and its layout have no part in it, so the file of a backend and an export of the stack give the same.
 */
export function stateDigest({ resources, pending }: StackState): string {
  const lines = resources.map((resource) => canonicalJson(essence(resource))).sort();
  const unsettled = pending.map((operation) => canonicalJson({ ...operation })).sort();
  return sha256(canonicalJson([lines, unsettled]));
}

const essence = (resource: StateResource): Json =>
  Object.fromEntries(Object.entries(resource).filter(([member]) => !incidental.has(member))) as Json;
