import type { Context } from "../context.ts";
import { environmentNamed, resolveTarget } from "../deploy/promotion-target.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { commitInfo } from "../git/commits.ts";
import { currentActor } from "../git/identity.ts";
import { countApprovals, personOf, type ApprovalCount } from "../promotion/gates/approvals.ts";
import { append, readLedger } from "../promotion/ledger.ts";
import type { LedgerEntry } from "../promotion/ledger-records.ts";
import type { Release } from "../release/manifest.ts";
import { releaseForCommit } from "../release/releases.ts";
import { short } from "../report/release.ts";
import { plural } from "../report/text.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { done, text, type CommandResult } from "./result.ts";

/** Records that a person agrees to a release going to an environment. Saying it twice is saying it once. */
export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const environment = environmentNamed(workspace, args[0]);
  const release = await releaseOf(workspace, environment.name, options);
  const plan = planOption(options);
  const by = await currentActor(workspace.root, workspace.environment);
  const before = await countNow(workspace, environment.name, release, plan);
  const recorded = !before.counted.some((approval) => personOf(approval.by) === personOf(by));
  if (recorded) {
    const entry: LedgerEntry = {
      kind: "approved",
      by,
      release: release.id,
      commit: release.commit,
      ...present({ plan, comment: text(options, "comment"), upstreamSequence: before.upstreamSequence }),
    };
    await append(workspace.store, environment.name, entry, context.now);
  }
  const count = await countNow(workspace, environment.name, release, plan);
  const asked = environment.approvals?.count ?? 0;
  const { json, told } = outcome(count, by);
  const said = recorded ? `${by} approves` : `${by} has already approved`;
  return done(
    { environment: environment.name, release: release.id, plan: plan ?? null, recorded, asked, ...json },
    `${said} release ${short(release.id)} for ${environment.name}: ${told}, ${asked} asked for`,
  );
}

/** The approvals that count now, and whether the one just given is one of them. */
function outcome({ counted, discounted }: ApprovalCount, by: string) {
  const isOwn = (approval: { by: string }) => personOf(approval.by) === personOf(by);
  const approvals = counted.map((approval) => approval.by);
  const counts = counted.some(isOwn);
  const flaw = counts ? undefined : discounted.findLast(({ approval }) => isOwn(approval));
  const told = plural(approvals.length, "approval");
  return {
    json: { counts, approvals },
    told: flaw === undefined ? told : `yours does not count: ${flaw.why}; ${told}`,
  };
}

/** The members that are there. */
const present = <T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

async function releaseOf(
  workspace: Workspace,
  environment: string,
  options: Record<string, unknown>,
): Promise<Release> {
  const { commit } = await resolveTarget(workspace, {
    environment,
    commit: text(options, "commit"),
    release: text(options, "release"),
    tag: undefined,
    remote: undefined,
  });
  const release = await releaseForCommit(workspace.store, commit);
  if (release !== undefined) return release;
  throw new SlipwayError(ExitCode.notFound, `Commit ${short(commit)} has no release to approve.`, {
    next: `./slipway build --commit ${commit}`,
  });
}

function planOption(options: Record<string, unknown>): string | undefined {
  const given = text(options, "plan");
  if (given === undefined) return undefined;
  const digest = given.replace(/^sha256:/, "");
  if (/^[0-9a-f]{64}$/.test(digest)) return digest;
  throw new SlipwayError(ExitCode.usage, `--plan: got ${JSON.stringify(given)}, expected the digest of a saved plan.`, {
    next: "Take it from what showed the plan: 64 hex digits.",
  });
}

/** Counts as a promotion by somebody else would: who promotes is not known yet. */
async function countNow(workspace: Workspace, name: string, release: Release, plan: string | undefined) {
  const environment = environmentNamed(workspace, name);
  const before = workspace.policy.environments.find((one) => one.name === environment.upstream);
  const records = await readLedger(workspace.store, name);
  const upstream = before && { policy: before, records: await readLedger(workspace.store, before.name) };
  const { author } = await commitInfo(workspace.root, release.commit);
  const facts = { environment, records, upstream, release, author, promoter: "" };
  const count = countApprovals({ ...facts, ...(plan === undefined ? {} : { plan }) });
  return { ...count, upstreamSequence: upstream?.records.length };
}
