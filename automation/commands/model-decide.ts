import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentActor } from "../git/identity.ts";
import { stageOf } from "../model/registry/documents.ts";
import { decisionFor, type Wish } from "../model/registry/registry.ts";
import { versionNumber, withRegistry } from "./model-options.ts";
import { done, text, type CommandResult } from "./result.ts";

type Options = Record<string, unknown>;

/** `model approve VERSION [environment]`: it may serve. Below its threshold, or against an earlier no, only with a reason. */
export async function approve(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const wish: Wish = { status: "Approved", reason: text(options, "reason"), override: text(options, "override") };
  return decide(context, args, options, wish);
}

/** `model reject VERSION [environment]`: it may not serve, and does not where it did. */
export async function reject(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const reason = text(options, "reason");
  if (reason === undefined)
    throw new SlipwayError(ExitCode.usage, "--reason: whoever asks later why this version may not serve sees it.", {
      next: `./slipway model reject ${args[0] ?? "VERSION"} --reason "<why>"`,
    });
  return decide(context, args, options, { status: "Rejected", reason });
}

async function decide(
  context: Context,
  [given, environment]: readonly string[],
  options: Options,
  wish: Wish,
): Promise<CommandResult> {
  const number = versionNumber(given, "version");
  return withRegistry(context, environment, options, async (registry) => {
    const by = await currentActor(context.root, context.environment);
    const before = await registry.get(number);
    const decision = decisionFor(before, wish, by, context.now(), `version ${number} in ${registry.location}`);
    const head = { action: wish.status === "Approved" ? "approve" : "reject", environment: environment ?? null };
    if (decision === undefined)
      return done(
        { ...head, decided: { version: number, status: before.status, changed: false } },
        `version ${number} is ${before.status} already`,
      );
    const version = await registry.decide(number, decision);
    const visible = await registry.visible(version, context.signal);
    const versions = await registry.list();
    const serving = versions.find((one) => stageOf(one, versions) === "serving");
    const after =
      serving === undefined
        ? "no version is approved: services serve what is built into them"
        : `version ${serving.version} serves`;
    const { status } = version;
    return done(
      {
        ...head,
        decided: { version: number, status, changed: true, decision, serving: serving?.version ?? null, visible },
      },
      `version ${number} is ${status} by ${by}; ${after}${visible ? "" : "; services do not see it yet"}`,
    );
  });
}
