import type { EnvironmentPolicy } from "../../config/promotion.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentActor } from "../git/identity.ts";
import { moveTag, remoteTag } from "../git/tags.ts";
import { currentRelease } from "../promotion/folds.ts";
import { append, readLedger } from "../promotion/ledger.ts";
import type { Release } from "../release/manifest.ts";
import { loadRelease } from "../release/releases.ts";
import type { Workspace } from "../workspace.ts";

/** A tag that was moved, with the commit it named before. */
export interface TagMoved {
  name: string;
  from: string | null;
  to: string;
}

/** The tag of an environment on a remote. */
export interface TagPointer {
  environment: EnvironmentPolicy;
  remote: string;
}

/** Points the environment's tag at the release's commit, if it is not there yet, and records the move. */
export async function pointTag(
  context: Context,
  workspace: Workspace,
  { environment, remote }: TagPointer,
  { id, commit }: Release,
): Promise<TagMoved | undefined> {
  const name = environment.tags[0];
  if (name === undefined) return undefined;
  const expectedOld = (await remoteTag(workspace.root, remote, name))?.commit;
  const result = await moveTag({ root: workspace.root, remote, tag: name, commit, expectedOld });
  if (result.outcome === "unchanged") return undefined;
  if (result.outcome === "changed") throw movedByAnother(environment.name, name, remote, result.actual);
  const by = await currentActor(workspace.root, workspace.environment);
  const from = result.from ?? null;
  const entry = { kind: "tag-moved" as const, by, tag: name, remote, from, to: commit, release: id };
  await append(workspace.store, environment.name, entry, context.now);
  context.console.info(`tag ${name}: ${from?.slice(0, 12) ?? "new"} -> ${commit.slice(0, 12)} on ${remote}`);
  return { name, from, to: commit };
}

/**
 * After an automatic rollback the tag names again what the environment runs. Nothing is moved where the failed release still stands, or
 * where somebody has moved the tag on in the meantime.
 */
export async function pointTagBack(
  context: Context,
  workspace: Workspace,
  pointer: TagPointer,
  failed: Release,
): Promise<void> {
  const { environment, remote } = pointer;
  const current = currentRelease(await readLedger(workspace.store, environment.name));
  if (current?.complete !== true || current.release === undefined || current.release === failed.id) return;
  const name = environment.tags[0];
  if (name === undefined || (await remoteTag(workspace.root, remote, name))?.commit !== failed.commit) return;
  await pointTag(context, workspace, pointer, await loadRelease(workspace.store, current.release));
}

const movedByAnother = (environment: string, name: string, remote: string, actual: string | undefined): SlipwayError =>
  new SlipwayError(
    ExitCode.gateRefused,
    `Somebody else moved the tag ${name} to ${actual ?? "nowhere"} at the same time.`,
    {
      where: `${remote} refs/tags/${name}`,
      next: `Look at ./slipway history ${environment}, then decide whether to run the same command again.`,
    },
  );
