import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { runDataChecks } from "./data-workload.ts";
import { parseJunit } from "./junit.ts";
import { run } from "./process.ts";
import { addResults, type SuiteContext, type SuiteResult } from "./suite.ts";

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

/** Makes `.venv` from `requirements-dev.txt`, once per content of the requirement files. Returns its Python. */
export async function ensureVenv(context: SuiteContext): Promise<string> {
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

/** One digest over every file that says what `.venv` holds. */
export async function requirementsDigest(root: string): Promise<string> {
  const files = [
    "requirements-dev.txt",
    "requirements-sandbox.txt",
    ...(await Array.fromAsync(glob(["services/*/requirements.txt", "data/requirements*.txt"], { cwd: root }))),
  ];
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(`${file}\0`).update(await readFile(path.join(root, file)));
  return hash.digest("hex");
}

/** Tests every Python workload: the services with pytest, `data/` with all of its checks. */
export async function runPython(context: SuiteContext): Promise<SuiteResult> {
  const python = await ensureVenv(context);
  const services = await runPytest(python, context);
  context.say("  data");
  return addResults(services, await runDataChecks(python, context));
}

/** Runs pytest per service, each with its own root: every one has a package called `app`. */
async function runPytest(python: string, context: SuiteContext): Promise<SuiteResult> {
  const workloads = (await Array.fromAsync(glob("services/*/tests", { cwd: context.root })))
    .map((tests) => path.dirname(tests))
    .sort();
  let total: SuiteResult = { passed: 0, failed: 0, skipped: [] };
  const reports = await mkdtemp(path.join(tmpdir(), "slipway-pytest-"));
  try {
    for (const workload of workloads) {
      context.say(`  ${workload}`);
      const report = path.join(reports, `${path.basename(workload)}.xml`);
      const args = ["-m", "pytest", "-q", "--color=no", `--rootdir=${workload}`, `--junitxml=${report}`, workload];
      const { code } = await run(python, args, context);
      const result = parseJunit(await readFile(report, "utf8").catch(() => ""));
      if (code !== 0 && result.failed === 0) throw new Error(`pytest of ${workload} ended with ${code}`);
      total = addResults(total, result);
    }
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
  return total;
}
