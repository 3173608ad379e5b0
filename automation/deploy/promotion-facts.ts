import { fetchObject, isShallow, remoteBranch } from "../git/branches.ts";
import { commitInfo, dirtyFiles, isAncestor } from "../git/commits.ts";
import { verifyTag } from "../git/signatures.ts";
import type { BranchFact, GateFacts, PolicyFact, TagFact } from "../promotion/gates/gate.ts";
import { readLedger } from "../promotion/ledger.ts";
import { releaseForCommit } from "../release/releases.ts";
import type { Workspace } from "../workspace.ts";
import type { PromotionTarget } from "./promotion-target.ts";
import { firstCommitOf } from "./promotion-tags.ts";

/** What the caller knows beside the target. */
export interface PromotionInputs {
  /** Who promotes. */
  by: string;
  now: Date;
  plan?: string;
  policy?: PolicyFact;
}

/** Looks up everything that the gates ask about; changes nothing but adds objects of the remote to this clone. */
export async function collectFacts(
  workspace: Workspace,
  target: PromotionTarget,
  { by, now, plan, policy }: PromotionInputs,
): Promise<GateFacts> {
  const { environment, commit } = target;
  const { root, store } = workspace;
  const before = workspace.policy.environments.find(({ name }) => name === environment.upstream);
  const [release, dirty, records, upstream, info, branch, tag] = await Promise.all([
    releaseForCommit(store, commit),
    dirtyFiles(root),
    readLedger(store, environment.name),
    before && readLedger(store, before.name).then((found) => ({ policy: before, records: found })),
    commitInfo(root, commit),
    branchFact(workspace, target),
    tagFact(workspace, target),
  ]);
  return {
    now,
    environment,
    records,
    commit,
    promoter: by,
    automatic: target.automatic,
    release,
    dirtyFiles: dirty,
    upstream,
    ...(info.author === "" ? {} : { author: info.author }),
    ...(branch === undefined ? {} : { branch }),
    ...(tag === undefined ? {} : { tag }),
    ...(plan === undefined ? {} : { plan }),
    ...(policy === undefined ? {} : { policy }),
  };
}

/** A first environment takes any commit unless it says which branches; all others ask for the protected branch at least. */
async function branchFact(workspace: Workspace, target: PromotionTarget): Promise<BranchFact | undefined> {
  const { root, policy, sandbox } = workspace;
  const { environment, remote, commit } = target;
  const { branches, upstream, protectedBranch = branches !== undefined || upstream !== undefined } = environment;
  if (!protectedBranch) return undefined;
  const wanted = branches ?? [policy.protectedBranch];
  const standIn = sandbox !== undefined && remote === policy.remote;
  const missing: string[] = [];
  const fact = { wanted, missing, shallow: await isShallow(root), standIn };
  for (const branch of wanted) {
    const head = await remoteBranch(root, remote, branch);
    if (head === undefined) {
      missing.push(branch);
      continue;
    }
    await fetchObject(root, remote, `refs/heads/${branch}`, head);
    if (await isAncestor(root, commit, head)) return { ...fact, holder: branch };
  }
  return fact;
}

async function tagFact(workspace: Workspace, target: PromotionTarget): Promise<TagFact | undefined> {
  const { root, store, policy } = workspace;
  const { tag, environment } = target;
  if (tag === undefined) return undefined;
  const { name, commit, version, object } = tag;
  const ledgers = version ? policy.environments : [];
  const firstCommit = firstCommitOf(await Promise.all(ledgers.map((one) => readLedger(store, one.name))), name, commit);
  const { allowedSigners } = environment.signedTags ?? {};
  const signature = allowedSigners === undefined ? undefined : await verifyTag(root, name, object, allowedSigners);
  return {
    name,
    commit,
    version,
    ...(firstCommit === undefined ? {} : { firstCommit }),
    ...(signature === undefined ? {} : { signature }),
  };
}
