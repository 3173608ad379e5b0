import type { EnvironmentPolicy } from "../../config/promotion.ts";
import { commitInfo } from "../git/commits.ts";
import { isVerified } from "../promotion/folds.ts";
import { countApprovals } from "../promotion/gates/approvals.ts";
import { stepTo } from "../promotion/gates/gate.ts";
import { activeFreezes } from "../promotion/gates/holds.ts";
import { occupancyOf } from "../promotion/gates/soak.ts";
import { readLedger } from "../promotion/ledger.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { windowState } from "../promotion/windows.ts";
import type { Release } from "../release/manifest.ts";
import { releaseForCommit } from "../release/releases.ts";
import type { Promotion } from "../report/comment/model.ts";
import type { Workspace } from "../workspace.ts";

/** Everything that says how far a commit is on its way to an environment. */
export interface PromotionFacts {
  environment: EnvironmentPolicy;
  environments: readonly EnvironmentPolicy[];
  /** By environment. */
  ledgers: ReadonlyMap<string, readonly LedgerRecord[]>;
  commit: string;
  author: string | undefined;
  release: Release | undefined;
  now: Date;
}

/** Where a release stands on its way to an environment, from records alone: what it still waits for, and what to type. */
export function promotionOf(facts: PromotionFacts): Promotion {
  const { environment, environments, ledgers, commit, release, now } = facts;
  const records = ledgers.get(environment.name) ?? [];
  const freeze = activeFreezes(records, now).at(-1);
  const verified =
    release === undefined ? [] : environments.filter(({ name }) => isVerified(ledgers.get(name) ?? [], release.id));
  return {
    ...(release === undefined ? {} : { release: release.id }),
    verifiedIn: verified.map(({ name }) => name),
    ...(environment.upstream === undefined ? {} : { upstream: environment.upstream }),
    ...soakOf(facts),
    ...windowOf(environment, now),
    ...(freeze === undefined ? {} : { frozen: freeze.reason }),
    ...approvalsOf(facts, records),
    next: release === undefined ? `./slipway build --commit ${commit}` : `./${stepTo(environment, commit)}`,
  };
}

function soakOf({ environment, ledgers, release, now }: PromotionFacts): Pick<Promotion, "soak"> {
  const { soak, upstream } = environment;
  if (soak === undefined || release === undefined || upstream === undefined) return {};
  const { longest } = occupancyOf(ledgers.get(upstream) ?? [], release.id, now, release.createdAt);
  return { soak: { askedSeconds: soak / 1000, leftSeconds: Math.max(0, soak - longest) / 1000 } };
}

function windowOf({ windows }: EnvironmentPolicy, now: Date): Pick<Promotion, "window"> {
  if (windows === undefined) return {};
  const state = windowState(windows, now);
  if (state.open) return { window: { open: true, until: state.closesAt.toISOString() } };
  return { window: { open: false, ...(state.opensAt === undefined ? {} : { opens: state.opensAt.toISOString() }) } };
}

function approvalsOf(facts: PromotionFacts, records: readonly LedgerRecord[]): Pick<Promotion, "approvals"> {
  const { environment, environments, ledgers, release, author } = facts;
  if (environment.approvals === undefined) return {};
  const asked = environment.approvals.count;
  if (release === undefined) return { approvals: { given: 0, asked } };
  const before = environments.find(({ name }) => name === environment.upstream);
  const upstream = before && { policy: before, records: ledgers.get(before.name) ?? [] };
  const known = author === undefined ? {} : { author };
  // Who will promote is not known yet.
  const { counted } = countApprovals({ environment, records, upstream, release, promoter: "", ...known });
  return { approvals: { given: counted.length, asked } };
}

/** Looks up where the commit stands for each of some stacks; those that nothing is promoted to are left out. */
export async function promotionsFor(
  { root, store, policy }: Pick<Workspace, "root" | "store" | "policy">,
  commit: string,
  stacks: readonly string[],
  now: Date,
): Promise<Map<string, Promotion>> {
  const { environments } = policy;
  const [release, info, read] = await Promise.all([
    releaseForCommit(store, commit),
    commitInfo(root, commit),
    Promise.all(environments.map(async ({ name }) => [name, await readLedger(store, name)] as const)),
  ]);
  const author = info.author === "" ? undefined : info.author;
  const facts = { environments, ledgers: new Map(read), commit, author, release, now };
  const wanted = environments.filter(({ name }) => stacks.includes(name));
  return new Map(wanted.map((environment) => [environment.name, promotionOf({ ...facts, environment })]));
}
