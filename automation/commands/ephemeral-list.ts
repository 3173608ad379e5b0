import type { Context } from "../context.ts";
import { isOver, type Claim } from "../ephemeral/claims.ts";
import { readClaims } from "../ephemeral/claims-store.ts";
import { ephemeralSettings } from "../ephemeral/stacks.ts";
import { table } from "../report/table.ts";
import { duration, moment } from "../report/time.ts";
import { openWorkspace } from "../workspace.ts";
import { done, type CommandResult } from "./result.ts";

/** `ephemeral list`: which pull requests have a stack, where, and for how long. */
export async function run(context: Context): Promise<CommandResult> {
  const { store } = await openWorkspace(context);
  const { accounts } = await ephemeralSettings(context.root);
  const now = context.now();
  const claims = await readClaims(store);
  const free = accounts.filter((account) => claims.every((one) => one.account !== account));
  const stacks = claims.map((claim) => ({ ...claim, over: isOver(claim, now) }));
  const rows = stacks.map((one) => [one.stack, one.account, one.commit.slice(0, 12), one.by, timeLeft(one, now)]);
  const head = ["stack", "account", "commit", "by", "ends"];
  const lines = rows.length === 0 ? ["no pull request has a stack"] : table([head, ...rows]);
  return done({ stacks, free }, [...lines, `free accounts: ${free.length} of ${accounts.length}`].join("\n"));
}

function timeLeft(claim: Claim, now: Date): string {
  if (isOver(claim, now)) return `over since ${moment(claim.expiresAt)}: ./slipway ephemeral sweep`;
  return `in ${duration((Date.parse(claim.expiresAt) - now.getTime()) / 1000)}`;
}
