import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { run } from "./process.ts";
import { addResults, type SuiteContext, type SuiteResult } from "./suite.ts";
import { dataWorkload, modelWorkload, runWorkload, serviceWorkload, type Workload } from "./workload.ts";

const execute = promisify(execFile);
const candidates = ["python3", "python3.13", "python3.12", "python3.11", "python"];

/** The first Python on PATH that is new enough. */
export async function findPython(environment: NodeJS.ProcessEnv): Promise<string> {
  for (const candidate of candidates) {
    const found = await execute(candidate, ["-c", "import sys; print(sys.version_info >= (3, 11))"], {
      env: environment,
    }).catch(() => undefined);
    if (found?.stdout.trim() === "True") return candidate;
  }
  throw new Error(
    "Python 3.11 or newer was not found on PATH (looked for " +
      `${candidates.join(", ")}). Install it, e.g. \`apt-get install python3.11 python3.11-venv\` or \`brew install python@3.13\`.`,
  );
}

const environments = new Map<string, Promise<string>>();

/**
 * Makes `.venv` from `requirements-dev.txt`, once per content of the requirement files. Returns its Python. Suites that run side by side
 * share one.
 */
export function ensureVenv(context: SuiteContext): Promise<string> {
  const known = environments.get(context.root) ?? makeVenv(context);
  environments.set(context.root, known);
  return known;
}

async function makeVenv(context: SuiteContext): Promise<string> {
  const venv = path.join(context.root, ".venv");
  const python = path.join(venv, "bin", "python");
  const stamp = path.join(venv, "requirements.sha256");
  const digest = await requirementsDigest(context.root);
  if (existsSync(python) && (await readFile(stamp, "utf8").catch(() => "")) === digest) return python;
  const system = await findPython(context.environment);
  context.say(`  making .venv with ${system} from requirements-dev.txt`);
  await must(system, ["-m", "venv", "--clear", venv], context, "install the venv module, e.g. python3.11-venv");
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements-dev.txt"];
  await must(python, install, context, "check the connection to the package index");
  await writeFile(stamp, digest);
  return python;
}

async function must(command: string, args: string[], context: SuiteContext, next: string): Promise<void> {
  const { code } = await run(command, args, context);
  if (code !== 0) throw new Error(`\`${command} ${args.join(" ")}\` ended with ${code}: ${next}`);
}

const requirementFiles = ["services/*/requirements.txt", "data/requirements*.txt", "model/image/requirements.txt"];

/** One digest over every file that says what `.venv` holds. */
export async function requirementsDigest(root: string): Promise<string> {
  const files = [
    "requirements-dev.txt",
    "requirements-sandbox.txt",
    ...(await Array.fromAsync(glob(requirementFiles, { cwd: root }))),
  ];
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(`${file}\0`).update(await readFile(path.join(root, file)));
  return hash.digest("hex");
}

/** Checks and tests every Python workload, each inside its own folder: every service has a package called `app`. */
export async function runPython(context: SuiteContext): Promise<SuiteResult> {
  const python = await ensureVenv(context);
  const services = (await Array.fromAsync(glob("services/*/tests", { cwd: context.root })))
    .map((tests) => path.dirname(tests).split(path.sep).join("/"))
    .sort();
  let total: SuiteResult = { passed: 0, failed: 0, skipped: [] };
  const all = [...services.map(serviceWorkload), modelWorkload, dataWorkload];
  for (const workload of selectWorkloads(all, context.workloads ?? [])) {
    context.say(`  ${workload.folder}`);
    total = addResults(total, await runWorkload(python, workload, context));
  }
  return total;
}

/** Those that were asked for, or all. Throws on a folder that is no workload: a typo must not pass for a test. */
export function selectWorkloads(all: readonly Workload[], wanted: readonly string[]): readonly Workload[] {
  const folders = all.map(({ folder }) => folder);
  const unknown = wanted.find((folder) => !folders.includes(folder));
  if (unknown !== undefined)
    throw new Error(`There is no Python workload "${unknown}". Use one of: ${folders.join(", ")}.`);
  return wanted.length === 0 ? all : all.filter(({ folder }) => wanted.includes(folder));
}
