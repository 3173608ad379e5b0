import { execFile, spawn, type ChildProcess } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { parseDocument } from "yaml";
import { checkOutput } from "../../automation/report/output-schemas.ts";

const exec = promisify(execFile);
const projectRoot = join(import.meta.dirname, "..", "..");

/** The members of the verbs' JSON objects that tests look at; a verb sets those that are its own. */
export interface DriverAnswer {
  version: number;
  exitCode: number;
  error: { message: string; changed: string; next: string };
  environment: string;
  commit: string;
  outcome: string;
  recorded: boolean;
  changes: Record<string, number>;
  stack: string;
  policyViolations: { rule: string; level: string; urn: string; property: string; message: string; fix: string }[];
  resources: { urn: string; op: string }[];
  checks: { kind: string; name: string; passed: boolean; simulated?: boolean; detail: string }[];
  records: { kind: string; release?: string }[];
  release: string;
  steps: { environment: string; outcome: string }[];
  environments: { environment: string; verdict: string; current?: { commit: string } }[];
  findings: { name: string; state: string; rule: string; urn: string; property: string; fix: string }[];
  tag: { name: string; from: string | null; to: string } | null;
  gates: { gate: string; verdict: string; reason: string }[];
  approvals: string[];
}

/** What a finished driver left: exit code, both streams, and the JSON object when `--json` was given. */
export interface DriverRun {
  code: number | null;
  stdout: string;
  stderr: string;
  json: DriverAnswer;
}

/** A throw-away repository holding this tree in one commit, with a bare remote, driven in its own sandbox. */
export interface Checkout {
  root: string;
  remote: string;
  git(...args: string[]): Promise<string>;
  /** Runs `./slipway` with `--sandbox` to its end. */
  slipway(...args: string[]): Promise<DriverRun>;
  /** The same with other variables. */
  slipwayWith(variables: Record<string, string>, ...args: string[]): Promise<DriverRun>;
  /** Starts it and gives the process, for tests that kill it: its engine writes the state at every step. */
  start(...args: string[]): ChildProcess;
  environment: Record<string, string>;
  remove(): Promise<void>;
}

/** Variables that make a sandbox live, on the Python of the tests. */
export const live: Record<string, string> = {
  SLIPWAY_SANDBOX_LIVE: "auto",
  SLIPWAY_SANDBOX_PYTHON: join(projectRoot, ".venv", "bin", "python"),
};

function environmentFor(home: string): Record<string, string> {
  const kept = ["HOME", "LANG", "TMPDIR", "GOFLAGS", "GOPROXY", "GOMODCACHE", "GOCACHE"];
  const inherited = Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  return {
    ...inherited,
    PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
    SLIPWAY_SANDBOX: "1",
    // Simulated, unless a test says otherwise with `live`: pipelines that really run take their time.
    SLIPWAY_SANDBOX_LIVE: "off",
    // The engine writes the state once, at the end: a whole state per step is most of what a large update computes. Runs that are killed
    // write every step, as users' do.
    PULUMI_SKIP_CHECKPOINTS: "true",
    GIT_CONFIG_GLOBAL: join(home, "gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Tester",
    GIT_AUTHOR_EMAIL: "tester@example.com",
    GIT_COMMITTER_NAME: "Tester",
    GIT_COMMITTER_EMAIL: "tester@example.com",
  };
}

async function copyTree(to: string): Promise<void> {
  const { stdout } = await exec("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: projectRoot,
    maxBuffer: 1 << 26,
  });
  const folders = new Set<string>();
  for (const file of stdout.split("\0").filter(Boolean)) {
    const target = join(to, file);
    const folder = dirname(target);
    if (!folders.has(folder)) await mkdir(folder, { recursive: true });
    folders.add(folder);
    // A file that is tracked and deleted in the working tree is simply not part of the copy.
    await cp(join(projectRoot, file), target, { verbatimSymlinks: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
}

/** What a checkout brings up beside network, cluster and services. */
interface Contents {
  data: boolean;
  /** The model pipeline, which learns from the data pipeline's tables. */
  model: boolean;
  /** Stream processing in Atlas. */
  streams: boolean;
  /** How workflows reach the accounts, and the rules of the repository. */
  delivery: boolean;
  /** The policy pack, which an update is first previewed for. */
  policy: boolean;
}

async function limitTo({ data, model, streams, delivery, policy }: Contents, root: string): Promise<void> {
  if (!policy) await rm(join(root, "policy", "engine", "PulumiPolicy.yaml"));
  for (const stack of ["operations", "dev", "staging", "prod"]) {
    const file = join(root, `Pulumi.${stack}.yaml`);
    const document = parseDocument(await readFile(file, "utf8"));
    if (!delivery) document.deleteIn(["config", "slipway:github"]);
    if (!streams) document.deleteIn(["config", "slipway:streams"]);
    if (!data && stack !== "operations") document.setIn(["config", "slipway:data"], { enabled: false });
    if (!model && stack !== "operations") document.setIn(["config", "slipway:model"], { enabled: false });
    // As prettier has them, so that pages which say what to change still fit.
    await writeFile(file, document.toString({ flowCollectionPadding: false, lineWidth: 0 }));
  }
}

/**
 * How promotions, locks and records go does not depend on the data pipeline and on the identity of workflows, which are most of a stack:
 * tests that need them say so.
 */
export async function makeCheckout(contents: Partial<Contents> = {}): Promise<Checkout> {
  const { data = false, model = data, streams = false, delivery = data, policy = false } = contents;
  const home = await realpath(await mkdtemp(join(tmpdir(), "slipway-checkout-")));
  const root = join(home, "project");
  const remote = join(home, "origin.git");
  const environment = environmentFor(home);
  const git = async (...args: string[]) =>
    (await exec("git", args, { cwd: root, env: environment, maxBuffer: 1 << 26 })).stdout.trim();
  await mkdir(root);
  await copyTree(root);
  if (!data || !model || !streams || !delivery || !policy)
    await limitTo({ data, model, streams, delivery, policy }, root);
  await symlink(await realpath(join(projectRoot, "node_modules")), join(root, "node_modules"));
  await exec("git", ["init", "--bare", "--initial-branch=main", remote], { env: environment });
  await git("init", "--initial-branch=main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "feat: the tree under test");
  await git("remote", "add", "origin", remote);
  await git("push", "--quiet", "origin", "main");
  const run = (variables: Record<string, string>, args: string[]) =>
    spawn(process.execPath, [join(root, "automation", "main.ts"), ...args], {
      cwd: root,
      env: { ...environment, ...variables },
    });
  const start = (...args: string[]) => run({ PULUMI_SKIP_CHECKPOINTS: "false" }, args);
  return {
    root,
    remote,
    git,
    start,
    environment,
    slipway: (...args) => finish(run({}, args), args),
    slipwayWith: (variables, ...args) => finish(run(variables, args), args),
    remove: () => remove(home),
  };
}

/** Collects a driver's output until it ends. */
export function finish(child: ChildProcess, args: readonly string[] = []): Promise<DriverRun> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const broken = args.includes("--json") ? brokenPromise(stdout) : undefined;
      if (broken !== undefined) reject(new Error(`slipway ${args.join(" ")} broke its JSON contract: ${broken}`));
      const json = args.includes("--json") && stdout.trim() !== "" ? (JSON.parse(stdout) as DriverAnswer) : {};
      resolve({ code, stdout, stderr, json: json as DriverAnswer });
    });
  });
}

/** Every JSON object of every test is held against the verb's schema. */
function brokenPromise(stdout: string): string | undefined {
  return stdout.trim() === "" ? undefined : checkOutput(JSON.parse(stdout) as { command?: unknown });
}

const remove = (folder: string) => rm(folder, { recursive: true, force: true, maxRetries: 5 });
