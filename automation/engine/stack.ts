import { execFile, type ExecFileException } from "node:child_process";
import { existsSync } from "node:fs";
import { ExitCode, SlipwayError } from "../errors.ts";
import { checkpointFile, fileBackendDirectory, locateStack } from "./backend.ts";
import type { PulumiCli } from "./cli.ts";
import { engineEnvironment, type Environment } from "./environment.ts";
import { refusalOf } from "./outcome.ts";

/** Where a stack command runs. */
export interface StackWorkspace {
  workDir: string;
  environment: Environment;
}

export interface StackRef extends StackWorkspace {
  stack: string;
}

export interface StackInfo {
  name: string;
  /** ISO time of the last update; undefined for a stack that never had one. */
  lastUpdate: string | undefined;
  resources: number | undefined;
}

/** A stack's state. It holds secrets only as ciphertext. */
export interface ExportedStack {
  version: number;
  deployment: Record<string, unknown>;
}

interface CliAnswer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

const MAX_OUTPUT = 1024 * 1024 * 1024;

/** Runs one short CLI command to its end; its answer comes on stdout. */
async function ask(cli: PulumiCli, workspace: StackWorkspace, args: readonly string[]): Promise<CliAnswer> {
  cli.starts += 1;
  const options = {
    cwd: workspace.workDir,
    env: engineEnvironment(cli, workspace.environment),
    maxBuffer: MAX_OUTPUT,
  };
  return new Promise((resolve, reject) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === "number") resolve({ exitCode, stdout, stderr });
      else reject(new Error(`${cli.path} did not run to its end`, { cause: error }));
    };
    execFile(cli.path, [...args, "--non-interactive", "--color=never"], options, done);
  });
}

async function askOk(
  cli: PulumiCli,
  ref: StackWorkspace & { stack?: string },
  args: readonly string[],
): Promise<string> {
  const answer = await ask(cli, ref, args);
  if (answer.exitCode === 0) return answer.stdout;
  const facts = { exitCode: answer.exitCode, stderr: answer.stderr, stopped: undefined };
  throw refusalOf(facts, { stack: ref.stack ?? "?", command: args.slice(0, 2).join(" ") });
}

/** The project's stacks in the backend. */
export async function listStacks(cli: PulumiCli, workspace: StackWorkspace): Promise<StackInfo[]> {
  const raw = JSON.parse(await askOk(cli, workspace, ["stack", "ls", "--json"])) as Record<string, unknown>[];
  return raw.map((each) => ({
    name: String(each["name"]),
    lastUpdate: typeof each["lastUpdate"] === "string" && each["lastUpdate"] !== "" ? each["lastUpdate"] : undefined,
    resources: typeof each["resourceCount"] === "number" ? each["resourceCount"] : undefined,
  }));
}

/** Whether a stack is in the backend: a look at the file of a `file://` backend, else one start of the CLI. */
export async function stackExists(cli: PulumiCli, ref: StackRef): Promise<boolean> {
  const backend = fileBackendDirectory(ref.environment, ref.workDir);
  const location = locateStack(ref.stack, ref.workDir);
  if (backend !== undefined && location !== undefined) {
    const file = checkpointFile(backend, location);
    // The backend may be told to compress its files.
    return existsSync(file) || existsSync(`${file}.gz`);
  }
  return (await listStacks(cli, ref)).some(({ name }) => name === ref.stack || name.endsWith(`/${ref.stack}`));
}

/** Makes an empty stack; only for commands whose very purpose is that. Leaves the selected stack alone. */
export async function createStack(cli: PulumiCli, ref: StackRef & { secretsProvider?: string }): Promise<void> {
  const provider = ref.secretsProvider === undefined ? [] : [`--secrets-provider=${ref.secretsProvider}`];
  await askOk(cli, ref, ["stack", "init", `--stack=${ref.stack}`, "--no-select", ...provider]);
}

/** Removes a stack that holds no resources, its configuration file excepted. */
export async function removeStack(cli: PulumiCli, ref: StackRef): Promise<void> {
  await askOk(cli, ref, ["stack", "rm", `--stack=${ref.stack}`, "--yes", "--preserve-config"]);
}

/** A stack's state, secrets encrypted. */
export async function exportStack(cli: PulumiCli, ref: StackRef): Promise<ExportedStack> {
  return parse(
    await askOk(cli, ref, ["stack", "export", `--stack=${ref.stack}`]),
    ref.stack,
  ) as unknown as ExportedStack;
}

/** Puts an exported state in the place of a stack's own. */
export async function importStack(cli: PulumiCli, ref: StackRef, file: string): Promise<void> {
  await askOk(cli, ref, ["stack", "import", `--stack=${ref.stack}`, `--file=${file}`]);
}

/** Encrypts a stack's state and configuration anew. Writes the provider into `Pulumi.<stack>.yaml`. */
export async function changeSecretsProvider(cli: PulumiCli, ref: StackRef, provider: string): Promise<void> {
  await askOk(cli, ref, ["stack", "change-secrets-provider", provider, `--stack=${ref.stack}`]);
}

/** A stack's outputs from its state, secrets as `[secret]`: for verbs that run no engine. */
export async function readOutputs(cli: PulumiCli, ref: StackRef): Promise<Record<string, unknown>> {
  return parse(await askOk(cli, ref, ["stack", "output", "--json", `--stack=${ref.stack}`]), ref.stack);
}

function parse(text: string, stack: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new SlipwayError(ExitCode.unexpected, `The Pulumi CLI's answer about stack ${stack} is no JSON.`, { cause });
  }
}
