import type { PropertyDiff } from "@pulumi/pulumi/proto/provider_pb.js";

import type { DiffResult } from "../operations/diff.ts";
import type { Difference } from "./diff.ts";
import { messages } from "./wire.ts";

/** The differences with their property paths, as `pulumi preview --diff` shows them. */
export function diffResponse({ differences, deleteBeforeReplace }: DiffResult): unknown {
  const { DiffResponse } = messages;
  const response = new DiffResponse();
  const changed = differences.length > 0;
  response.setChanges(changed ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE);
  response.setHasdetaileddiff(true);
  response.setDiffsList(topLevel(differences));
  response.setReplacesList(topLevel(differences.filter((difference) => difference.replace)));
  response.setDeletebeforereplace(deleteBeforeReplace);
  for (const difference of differences) response.getDetaileddiffMap().set(difference.path, propertyDiff(difference));
  return response;
}

function propertyDiff({ kind, replace }: Difference): PropertyDiff {
  const { Kind } = messages.PropertyDiff;
  const kinds = {
    add: replace ? Kind.ADD_REPLACE : Kind.ADD,
    update: replace ? Kind.UPDATE_REPLACE : Kind.UPDATE,
    delete: replace ? Kind.DELETE_REPLACE : Kind.DELETE,
  };
  const message = new messages.PropertyDiff();
  message.setKind(kinds[kind]);
  message.setInputdiff(true);
  return message;
}

function topLevel(differences: readonly Difference[]): string[] {
  return [...new Set(differences.map(({ path }) => path.split(/[.[]/, 1)[0] ?? path))];
}
