import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseIgnoreRules, type IgnoreRule } from "../../config/drift.ts";
import type { Context } from "../context.ts";
import { runStacks, type StackOutcome } from "../deploy/stack-graph.ts";
import { detectDrift, type DriftSubject, type StackDrift } from "../drift/detect.ts";
import { keepLook } from "../drift/look.ts";
import { repairDrift } from "../drift/repair.ts";
import { driftSubjects } from "../drift/subjects.ts";
import { ExitCode } from "../errors.ts";
import { announceDrift } from "../notify/announce.ts";
import { deployJson, deployText } from "../report/deployment.ts";
import { driftLines } from "../report/drift.ts";
import { describeError } from "../report/errors.ts";
import { knownStack, openWorkspace, type Workspace } from "../workspace.ts";
import { flag, type CommandResult } from "./result.ts";
import { count, runOptions } from "./run-options.ts";
import { askFirst } from "./up.ts";

/** Each stack is two engines at a time, bound by this machine's processors. */
const stacksAtATime = Math.max(1, Math.floor(availableParallelism() / 2));

type Part = Pick<CommandResult, "exitCode" | "json" | "text">;

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const stacks = args.length > 0 ? args.map((name) => knownStack(workspace, name)) : workspace.stacks;
  const [rules, subjects] = await Promise.all([
    ignoreRules(workspace.root),
    driftSubjects(workspace, stacks, { here: flag(options, "here") }),
  ]);
  const { timeoutMs } = runOptions(options);
  const limits = timeoutMs === undefined ? {} : { timeoutMs };
  const tasks = subjects.map((subject) => ({
    stack: subject.stack,
    needs: [],
    run: () => detectDrift(context, workspace, subject, { rules, ...limits }),
  }));
  const outcomes = await runStacks<StackDrift>(tasks, count(options, "parallel") ?? stacksAtATime);
  const parts: Part[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    parts.push(found(context, outcome));
    if (outcome.state === "done") {
      void announceDrift(context, workspace, outcome.value);
      await remember(context, workspace, outcome.value);
    }
    const subject = subjects[index];
    if (flag(options, "repair") && subject !== undefined && needsRepair(outcome))
      parts.push(await repaired(context, workspace, subject, { yes: flag(options, "yes"), ...limits }));
  }
  return combined(parts, flag(options, "repair"));
}

async function ignoreRules(root: string): Promise<IgnoreRule[]> {
  const file = "config/drift.yaml";
  try {
    return parseIgnoreRules(await readFile(join(root, file), "utf8"), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** For the board. Nothing is decided by it, and who may not write it has looked all the same. */
async function remember({ console, now }: Context, { store }: Workspace, drift: StackDrift): Promise<void> {
  await keepLook(store, drift, now()).catch((error: unknown) =>
    console.info(`what was found is not kept for the board: ${String(error)}`),
  );
}

const needsRepair = (outcome: StackOutcome<StackDrift>): boolean =>
  outcome.state === "done" && outcome.value.findings.length > 0;

function found(context: Context, outcome: StackOutcome<StackDrift>): Part {
  if (outcome.state !== "done") {
    const error = outcome.state === "failed" ? outcome.error : new Error(`skipped because of ${outcome.because}`);
    return failed(outcome.stack, error);
  }
  const drift = outcome.value;
  return {
    exitCode: drift.findings.length > 0 ? ExitCode.unexpectedChanges : ExitCode.done,
    json: { ...drift },
    text: driftLines(context.console, drift, context.verbose).join("\n"),
  };
}

function failed(stack: string, error: unknown): Part {
  const described = describeError(error, { color: false });
  return { exitCode: described.exitCode, json: { stack, error: described.json }, text: `${stack}: ${described.text}` };
}

/** One stack after the other: each is a deployment. */
async function repaired(
  context: Context,
  workspace: Workspace,
  subject: DriftSubject,
  { yes, ...limits }: { yes: boolean; timeoutMs?: number },
): Promise<Part> {
  try {
    await askFirst(context, subject.stack, yes);
    const report = await repairDrift(context, workspace, subject, limits);
    return {
      exitCode: ExitCode.done,
      json: { ...deployJson(report), repaired: true },
      text: deployText(context.console, report),
    };
  } catch (error) {
    return failed(subject.stack, error);
  }
}

/** Drift that was repaired is no reason to fail; anything that went wrong is a graver one than drift. */
function combined(parts: readonly Part[], repair: boolean): CommandResult {
  const codes = parts.map(({ exitCode }) => exitCode);
  const drifted = codes.includes(ExitCode.unexpectedChanges) && !repair;
  const failure = codes.find((code) => code !== ExitCode.done && code !== ExitCode.unexpectedChanges);
  return {
    exitCode: failure ?? (drifted ? ExitCode.unexpectedChanges : ExitCode.done),
    json: { stacks: parts.map(({ json, exitCode }) => ({ ...json, exitCode })) },
    text: parts.map(({ text }) => text).join("\n"),
  };
}
