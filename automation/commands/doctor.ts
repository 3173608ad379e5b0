import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Context } from "../context.ts";
import { findCli } from "../engine/cli.ts";
import { ExitCode } from "../errors.ts";
import { findingLines, type Finding } from "../report/findings.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { flag, type CommandResult } from "./result.ts";

const exec = promisify(execFile);

/** Looks at everything the other verbs need and says for each thing that is missing how to get it. */
export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  if (options["goLive"] !== undefined)
    return (await import("./doctor-go-live.ts")).goLive(context, workspace, options["goLive"]);
  if (flag(options, "install")) await workspace.cli();
  const looked = await Promise.all([
    toolFinding(context, "git", ["--version"], "2.30", "Install git 2.30 or newer."),
    toolFinding(
      context,
      "python3",
      ["--version"],
      "3.11",
      "Install Python 3.11 or newer: the workloads and their tests need it.",
    ),
    cliFinding(context, workspace),
  ]);
  const findings = [nodeFinding(), ...looked, stacksFinding(workspace), credentialsFinding(context, workspace)];
  const missing = findings.filter(({ state }) => state === "missing");
  return {
    exitCode: missing.length === 0 ? ExitCode.done : ExitCode.usage,
    json: { findings },
    text: findingLines(context.console, findings).join("\n"),
  };
}

const neededNode = 24;

function nodeFinding(): Finding {
  const [major = 0] = process.versions.node.split(".").map(Number);
  const detail = `Node ${process.versions.node}`;
  return major >= neededNode
    ? { name: "node", state: "ok", detail }
    : {
        name: "node",
        state: "missing",
        detail,
        next: "npm ci, then start with ./slipway: node_modules carries Node 24.",
      };
}

/** Compares dotted versions number by number. */
export function atLeast(version: string, minimum: string): boolean {
  const have = version.split(".").map(Number);
  const want = minimum.split(".").map(Number);
  for (const [index, number] of want.entries()) if ((have[index] ?? 0) !== number) return (have[index] ?? 0) > number;
  return true;
}

async function toolFinding(
  { environment }: Context,
  name: string,
  args: string[],
  minimum: string,
  next: string,
): Promise<Finding> {
  try {
    const { stdout } = await exec(name, args, { env: { ...environment } });
    const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? "";
    const detail = `${name} ${version}`;
    return atLeast(version, minimum) ? { name, state: "ok", detail } : { name, state: "missing", detail, next };
  } catch {
    return { name, state: "missing", detail: "not found", next };
  }
}

async function cliFinding(context: Context, workspace: Workspace): Promise<Finding> {
  const cli = await findCli({ root: workspace.root, environment: workspace.environment });
  if (cli !== undefined) return { name: "pulumi", state: "ok", detail: cli };
  const go = await toolFinding(context, "go", ["version"], "1.25", "");
  const how = go.state === "ok" ? "downloaded, or built with go where the download is refused" : "downloaded";
  return {
    name: "pulumi",
    state: "missing",
    detail: `the pinned CLI is not installed yet; it is ${how}`,
    next: "./slipway doctor --install",
  };
}

function stacksFinding({ stacks, policy }: Workspace): Finding {
  const without = policy.environments.filter(({ name }) => !stacks.includes(name)).map(({ name }) => name);
  return without.length === 0
    ? { name: "stacks", state: "ok", detail: stacks.join(", ") }
    : {
        name: "stacks",
        state: "missing",
        detail: `no stack file for ${without.join(", ")}`,
        next: `Write Pulumi.${without[0]}.yaml.`,
      };
}

const credentialVariables = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

function credentialsFinding({ environment }: Context, { sandbox }: Workspace): Finding {
  if (sandbox !== undefined) return { name: "credentials", state: "ok", detail: "the sandbox needs none" };
  const found = credentialVariables.find((name) => environment[name]);
  return found === undefined
    ? {
        name: "credentials",
        state: "note",
        detail: "no AWS credentials in the environment",
        next: "Set AWS_PROFILE, or use --sandbox.",
      }
    : { name: "credentials", state: "ok", detail: `from ${found}` };
}
