import type { EnvironmentPolicy } from "../../config/promotion.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { remoteTag } from "../git/tags.ts";
import { append, readLedger } from "../promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord, RecordOf } from "../promotion/ledger-records.ts";
import type { Workspace } from "../workspace.ts";
import type { PromotionTarget } from "./promotion-target.ts";

/** What the records of an environment say where a tag of a remote was seen last. */
export function lastSeen(records: readonly LedgerRecord[], tag: string, remote: string): string | undefined {
  const isMove = (record: LedgerRecord): record is RecordOf<"tag-moved"> =>
    record.kind === "tag-moved" && record.tag === tag && record.remote === remote;
  return records.findLast(isMove)?.to;
}

/** The entry for a tag that is somewhere else than it was seen last, whoever moved it; undefined where nothing is new. */
export function sightingOf(
  records: readonly LedgerRecord[],
  sighting: { tag: string; remote: string; commit: string; by: string; release?: string },
): LedgerEntry | undefined {
  const { tag, remote, commit, by, release } = sighting;
  const from = lastSeen(records, tag, remote) ?? null;
  if (from === commit) return undefined;
  return { kind: "tag-moved", by, tag, remote, from, to: commit, ...(release === undefined ? {} : { release }) };
}

/** Commit of a version that any environment saw first elsewhere, else the commit itself if it was seen, else nothing. */
export function firstCommitOf(
  ledgers: readonly (readonly LedgerRecord[])[],
  tag: string,
  commit: string,
): string | undefined {
  const first = ledgers.flatMap((records) => {
    const move = records.find((record) => record.kind === "tag-moved" && record.tag === tag);
    return move?.kind === "tag-moved" ? [move.to] : [];
  });
  return first.find((seen) => seen !== commit) ?? first[0];
}

/** Puts on record where the tag is that somebody pushed. */
export async function recordSighting(
  context: Context,
  workspace: Workspace,
  { environment, remote, tag }: PromotionTarget,
  by: string,
): Promise<void> {
  if (tag === undefined) return;
  const records = await readLedger(workspace.store, environment.name);
  const entry = sightingOf(records, { tag: tag.name, remote, commit: tag.commit, by });
  if (entry !== undefined) await append(workspace.store, environment.name, entry, context.now);
}

/** The tag that follows the environment; none where its tags are signed by people, or where it has none. */
export const pointerOf = ({ environment, tagIsThere }: PromotionTarget): string | undefined =>
  tagIsThere || environment.signedTags !== undefined ? undefined : environment.tags[0];

/** Refuses to go on for a tag that was moved since it was read: whoever moved it asked for something else. */
export async function refuseSuperseded(
  context: Context,
  workspace: Workspace,
  target: PromotionTarget,
  by: string,
): Promise<void> {
  const { environment, remote, tag } = target;
  if (tag === undefined) return;
  const now = await remoteTag(workspace.root, remote, tag.name);
  if (now?.commit === tag.commit) return;
  if (now !== undefined)
    await recordSighting(context, workspace, { ...target, tag: { ...tag, commit: now.commit } }, by);
  const where = now === undefined ? "is gone" : `names commit ${now.commit.slice(0, 12)} by now`;
  throw new SlipwayError(ExitCode.gateRefused, `The tag ${tag.name} ${where}: this promotion is superseded.`, {
    where: `${remote} refs/tags/${tag.name}`,
    next: `./slipway promote --from-tag ${tag.name} promotes what it names now; ./slipway history ${environment.name} shows each move.`,
  });
}

/** Puts on record where the environment's tag is before it is moved away from there: somebody else may have moved it. */
export async function recordUnseenMove(
  context: Context,
  workspace: Workspace,
  { environment, remote, tag }: { environment: EnvironmentPolicy; remote: string; tag: string },
  by: string,
): Promise<void> {
  const commit = (await remoteTag(workspace.root, remote, tag))?.commit;
  const records = await readLedger(workspace.store, environment.name);
  if (commit === undefined || lastSeen(records, tag, remote) === undefined) return;
  const entry = sightingOf(records, { tag, remote, commit, by });
  if (entry !== undefined) await append(workspace.store, environment.name, entry, context.now);
}

/**
 * Looks, before a verdict is recorded, whether the tag that asked for the deployment is still there. A move is put on record and told;
 * the verdict stands, for what was deployed.
 */
export async function noticeMove(
  context: Context,
  workspace: Workspace,
  target: PromotionTarget,
  by: string,
): Promise<{ tag: string; to: string | null } | undefined> {
  const { environment, commit, remote } = target;
  const name = target.tag?.name ?? pointerOf(target);
  if (name === undefined) return undefined;
  try {
    const now = await remoteTag(workspace.root, remote, name);
    if (now?.commit === commit) return undefined;
    const to = now?.commit ?? null;
    context.console.warn(
      `the tag ${name} was moved to ${to?.slice(0, 12) ?? "nowhere"} while ${environment.name} got ${commit.slice(0, 12)}`,
    );
    const records = await readLedger(workspace.store, environment.name);
    const entry = to === null ? undefined : sightingOf(records, { tag: name, remote, commit: to, by });
    if (entry !== undefined) await append(workspace.store, environment.name, entry, context.now);
    return { tag: name, to };
  } catch (error) {
    // The verdict is worth more than this notice.
    context.console.warn(
      `where the tag ${name} is could not be seen: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}
