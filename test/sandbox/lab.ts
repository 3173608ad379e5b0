import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { openCloud, prepareSandbox, type SandboxWorkspace, type StoredResource } from "../../sandbox/index.ts";

const checkout = new URL("../../", import.meta.url).pathname;

/** One step of a run, from the engine's own events. */
export interface Step {
  op: string;
  type: string;
  name: string;
  /** Property paths that differ, with the engine's kind, e.g. `tags.owner: update`. */
  diffs: string[];
}

export interface Run {
  code: number;
  /** Custom resources only, without stack and providers. */
  steps: Step[];
  /** Steps other than `same`, as `op name`. */
  changes: string[];
  outputs: Record<string, unknown>;
  text: string;
}

/** A throw-away project on a throw-away sandbox, driven by the real CLI. */
export interface Lab {
  root: string;
  directory: string;
  workspace: SandboxWorkspace;
  /** Writes the body of the program; `aws`, `thing` and friends of `prelude` are in scope. */
  program(body: string): void;
  run(verb: string, ...args: string[]): Promise<Run>;
  up(): Promise<Run>;
  /** Starts an update and returns its process. */
  start(verb: string): Promise<ChildProcess>;
  resources(): StoredResource[];
  close(): void;
}

/** Any resource of any package without its SDK: loading those takes most of a run's time. */
const prelude = `
import * as pulumi from "@pulumi/pulumi";
class Any extends pulumi.CustomResource {}
const thing = (type, name, inputs, outputs = [], options = {}) =>
  new Any(type, name, { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...inputs }, options);
const provider = (pkg, name, inputs) => new pulumi.ProviderResource(pkg, name, inputs);
const aws = (name, account, region = "eu-west-1") =>
  provider("aws", name, { region, allowedAccountIds: JSON.stringify([account]) });
`;

export async function openLab(stack = "dev"): Promise<Lab> {
  const root = mkdtempSync(join(tmpdir(), "slipway-sandbox-"));
  symlinkSync(join(checkout, "node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, "package.json"), `{"type":"module"}`);
  writeFileSync(
    join(root, "Pulumi.yaml"),
    "name: lab\nruntime: {name: nodejs, options: {typescript: false}}\nmain: index.mjs\n",
  );
  const directory = join(root, ".sandbox");
  const workspace = await prepareSandbox({ root, directory, node: process.execPath });
  await workspace.ensureStack(stack);
  const run = (verb: string, ...args: string[]) => runEngine(root, workspace, stack, [verb, ...args]);
  return {
    root,
    directory,
    workspace,
    program: (body) =>
      writeFileSync(join(root, "index.mjs"), `${prelude}\nexport default async () => {\n${body}\n};\n`),
    run,
    up: () => run("up", "--yes", "--skip-preview"),
    start: async (verb) => {
      const environment = await engineEnvironment(workspace, stack);
      return spawn(cli(), [verb, "--yes", "--skip-preview", "--stack", stack], {
        cwd: root,
        env: environment,
        stdio: "ignore",
      });
    },
    resources: () => {
      const cloud = openCloud(directory);
      try {
        return cloud.list();
      } finally {
        cloud.close();
      }
    },
    close: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export function cliDirectory(): string {
  return join(homedir(), ".pulumi/versions/3.259.0/bin");
}

function cli(): string {
  const pinned = join(cliDirectory(), "pulumi");
  return existsSync(pinned) ? pinned : "pulumi";
}

async function engineEnvironment(workspace: SandboxWorkspace, stack: string): Promise<NodeJS.ProcessEnv> {
  const path = [cliDirectory(), join(checkout, "node_modules/.bin"), process.env["PATH"] ?? ""].join(":");
  const configFile = await workspace.configFile(stack);
  return {
    ...process.env,
    ...workspace.environment,
    PATH: path,
    PULUMI_DEBUG_COMMANDS: "true",
    PULUMI_OPTION_CONFIG_FILE: configFile,
    NODE_COMPILE_CACHE: join(tmpdir(), "slipway-compile-cache"),
  };
}

async function runEngine(root: string, workspace: SandboxWorkspace, stack: string, args: string[]): Promise<Run> {
  const log = join(root, "events.json");
  rmSync(log, { force: true });
  const env = await engineEnvironment(workspace, stack);
  const { code, text } = await new Promise<{ code: number; text: string }>((resolve) => {
    execFile(
      cli(),
      [...args, "--stack", stack, "--color", "never", ...(args[0] === "cancel" ? [] : ["--event-log", log])],
      { cwd: root, env },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), text: stdout + stderr });
      },
    );
  });
  const events = existsSync(log) ? parseEvents(readFileSync(log, "utf8")) : [];
  const steps = stepsOf(events);
  const changes = steps
    .filter(({ op }) => !["same", "refresh", "read"].includes(op))
    .map(({ op, name }) => `${op} ${name}`);
  return { code, text, steps, changes: changes.sort(), outputs: outputsOf(events) };
}

interface EngineEvent {
  resourcePreEvent?: { metadata: Metadata };
  resOutputsEvent?: { metadata: Metadata };
}

interface Metadata {
  op: string;
  urn: string;
  type: string;
  detailedDiff?: Record<string, { diffKind: string }> | null;
  new?: { outputs?: Record<string, unknown> } | null;
}

function parseEvents(text: string): EngineEvent[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
}

/** A refresh shows what it found with its outputs, everything else announces what it is going to do. */
function stepsOf(events: readonly EngineEvent[]): Step[] {
  const steps = new Map<string, Step>();
  for (const { resourcePreEvent, resOutputsEvent } of events) {
    const metadata = resourcePreEvent?.metadata ?? resOutputsEvent?.metadata;
    if (metadata === undefined || metadata.type.startsWith("pulumi:")) continue;
    const { op, urn, type, detailedDiff } = metadata;
    const diffs = Object.entries(detailedDiff ?? {}).map(([path, { diffKind }]) => `${path}: ${diffKind}`);
    steps.set(`${op} ${urn}`, { op, type, name: urn.split("::").slice(3).join("::"), diffs: diffs.sort() });
  }
  return [...steps.values()];
}

function outputsOf(events: readonly EngineEvent[]): Record<string, unknown> {
  const stacks = events
    .map((event) => event.resOutputsEvent?.metadata)
    .filter((metadata) => metadata?.type === "pulumi:pulumi:Stack");
  return stacks.at(-1)?.new?.outputs ?? {};
}
