import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEphemeral, type EphemeralSettings } from "../../config/ephemeral.ts";
import { parseStackFile } from "../../config/stack-file.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { moment } from "../report/time.ts";
import type { Workspace } from "../workspace.ts";
import { stackName, withClaim, type Claim, type Wish } from "./claims.ts";
import { changeClaims } from "./claims-store.ts";
import { stackFile, stackFileFor } from "./stack-file.ts";

const settingsFile = "config/ephemeral.yaml";

/** Settings of this checkout. @throws SlipwayError (usage) where there are none */
export async function ephemeralSettings(root: string): Promise<EphemeralSettings> {
  const text = await readFile(join(root, settingsFile), "utf8").catch((cause: unknown) => {
    throw new SlipwayError(ExitCode.usage, "The settings of ephemeral stacks cannot be read.", {
      where: settingsFile,
      next: `git checkout -- ${settingsFile}`,
      cause,
    });
  });
  return parseEphemeral(text, settingsFile);
}

/** The stack of a pull request by its number. @throws SlipwayError (usage) for anything else, an environment's name above all */
export function stackOf(given: string | undefined): string {
  const name = `pr-${(given ?? "").replace(/^(?:#|pr-)/u, "")}`;
  if (stackName.test(name)) return name;
  throw new SlipwayError(ExitCode.usage, `Got ${JSON.stringify(given ?? "")}, expected the number of a pull request.`, {
    next: "./slipway ephemeral up 7; environments are deleted by `./slipway destroy` alone",
  });
}

/** Gives a stack an account for a time, or more time. @throws SlipwayError (lease held) where all accounts are taken */
export async function takeAccount(workspace: Workspace, settings: EphemeralSettings, wish: Wish): Promise<Claim> {
  let made: Claim | undefined;
  await changeClaims(workspace.store, (claims) => {
    const answer = withClaim(claims, settings.accounts, wish);
    if ("full" in answer) throw noAccount(wish.stack, answer.full);
    made = answer.claim;
    return answer.claims;
  });
  if (made === undefined) throw new Error("the claim was kept and is not known");
  return made;
}

function noAccount(stack: string, taken: readonly Claim[]): SlipwayError {
  const who = taken.map((one) => `${one.stack} until ${moment(one.expiresAt)}`).join(", ");
  return new SlipwayError(
    ExitCode.leaseHeld,
    `There is no free account for ${stack}: ${who || "none is configured"}.`,
    {
      where: `${settingsFile}: accounts`,
      next: "Wait, delete one (./slipway ephemeral down <number>), or add an account.",
    },
  );
}

/** Writes the stack's file from its template, checked as every stack file is. */
export async function writeStackFile(root: string, claim: Claim, settings: EphemeralSettings): Promise<void> {
  const template = await readFile(join(root, stackFile(settings.template)), "utf8").catch((cause: unknown) => {
    throw new SlipwayError(ExitCode.notFound, `There is no stack ${settings.template} to make ${claim.stack} from.`, {
      where: `${settingsFile}: template`,
      cause,
    });
  });
  const file = stackFile(claim.stack);
  const text = stackFileFor(template, claim, settings);
  parseStackFile(text, file);
  await writeFile(join(root, file), text);
}

/** Takes the file away with the stack. */
export const removeStackFile = (root: string, stack: string): Promise<void> =>
  rm(join(root, stackFile(stack)), { force: true });
