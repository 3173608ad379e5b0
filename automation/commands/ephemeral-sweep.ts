import type { Context } from "../context.ts";
import { isOver, withoutClaim, type Claim } from "../ephemeral/claims.ts";
import { changeClaims, readClaims } from "../ephemeral/claims-store.ts";
import { ephemeralSettings, removeStackFile, stackOf, writeStackFile } from "../ephemeral/stacks.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { describeError } from "../report/errors.ts";
import { openWorkspace } from "../workspace.ts";
import { run as destroy } from "./destroy.ts";
import { flag, type CommandResult } from "./result.ts";
import { askFirst } from "./up.ts";

type Options = Record<string, unknown>;

interface Swept {
  stack: string;
  exitCode: ExitCode;
  /** Why it was not deleted. */
  kept?: string;
}

/** `ephemeral sweep`: deletes the stacks whose time is over, each by `destroy`. One that resists keeps its account and hides no other. */
export async function sweep(context: Context, _args: readonly string[], options: Options): Promise<CommandResult> {
  const { store } = await openWorkspace(context);
  const over = (await readClaims(store)).filter((claim) => isOver(claim, context.now()));
  return remove(context, over, options);
}

/** `ephemeral down <number>`: deletes one before its time. */
export async function down(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const stack = stackOf(args[0]);
  const { store } = await openWorkspace(context);
  const own = (await readClaims(store)).filter((claim) => claim.stack === stack);
  if (own.length > 0) return remove(context, own, options);
  throw new SlipwayError(ExitCode.notFound, `There is no stack ${stack}.`, {
    where: store.location,
    next: "./slipway ephemeral list",
  });
}

async function remove(context: Context, claims: readonly Claim[], options: Options): Promise<CommandResult> {
  const dryRun = flag(options, "dryRun");
  const swept: Swept[] = [];
  for (const claim of claims) {
    const { stack } = claim;
    if (!dryRun) await askFirst(context, stack, flag(options, "yes"));
    swept.push(dryRun ? { stack, exitCode: ExitCode.done } : await removed(context, claim));
  }
  const verb = dryRun ? "would be deleted" : "deleted";
  const lines = swept.map(({ stack, kept }) => `${stack}: ${kept ?? verb}`);
  return {
    exitCode: swept.find(({ exitCode }) => exitCode !== ExitCode.done)?.exitCode ?? ExitCode.done,
    json: { stacks: swept, dryRun },
    text: lines.length === 0 ? "no stack is over its time" : lines.join("\n"),
  };
}

async function removed(context: Context, claim: Claim): Promise<Swept> {
  const { stack } = claim;
  try {
    const { store } = await openWorkspace(context);
    const now = (await readClaims(store)).find((one) => one.stack === stack);
    if (now?.expiresAt !== claim.expiresAt)
      return { stack, exitCode: ExitCode.done, kept: "kept: it got more time, or is gone" };
    await writeStackFile(context.root, claim, await ephemeralSettings(context.root));
    await destroy(context, [stack], { yes: true });
    await changeClaims(store, (claims) => withoutClaim(claims, claim));
    await removeStackFile(context.root, stack);
    return { stack, exitCode: ExitCode.done };
  } catch (error) {
    const { exitCode, text } = describeError(error, { color: false });
    return { stack, exitCode, kept: text };
  }
}
