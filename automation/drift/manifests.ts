import { lastDelivery } from "../deploy/manifests.ts";
import { remoteBranch } from "../git/branches.ts";
import { readLedger } from "../promotion/ledger.ts";
import type { Workspace } from "../workspace.ts";
import type { DriftFinding } from "./findings.ts";

/** What a branch is called among the resources of a stack. */
const type = "git:branch";

/**
 * Whether the branch that Argo CD watches is where the environment's deployment left it. Whoever writes to it changes what runs, and
 * nothing in the cloud account shows that.
 */
export async function manifestsDrift(
  { root, store }: Pick<Workspace, "root" | "store">,
  stack: string,
): Promise<DriftFinding[]> {
  const last = lastDelivery(await readLedger(store, stack));
  if (last === undefined) return [];
  const { branch, remote, to } = last;
  const found = await remoteBranch(root, remote, branch);
  const subject = { urn: `${type}:${branch}`, type, name: branch };
  if (found === to) return [];
  if (found === undefined) return [{ ...subject, class: "missing-outside", id: to }];
  return [{ ...subject, class: "changed-outside", properties: [{ path: "commit", recorded: to, found }] }];
}
