import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { cacheFolder } from "./paths.ts";
import { cachedEnvironment, readyPython, requirementsFile } from "./python.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the sandbox's data services run, and where not, why they are only simulated. */
export type PythonState = { python: string; reason?: undefined } | { python?: undefined; reason: string };

const execute = promisify(execFile);
const prepareFile = fileURLToPath(new URL("spark/prepare.py", import.meta.url));
/** What the outcome of the preparation depends on, besides the Python. */
const recipe = ["prepare.py", "jvm.py", "PlainFileSystem.java"].map(
  (name) => new URL(`spark/${name}`, import.meta.url),
);
/** In order of preference: Glue 5 runs 3.11, and Spark 3.5 is at home there. */
const candidates = ["python3.11", "python3.12", "python3.13", "python3", "python"];
/** A failed installation, e.g. without a network, is not tried again by each command. */
const retryAfterMs = 10 * 60_000;

/** The state as files show it: nothing is made, nothing is run. */
export function pythonState(environment: Environment): PythonState {
  if (environment["SLIPWAY_SANDBOX_LIVE"] === "off") return { reason: "SLIPWAY_SANDBOX_LIVE is off" };
  const python = readyPython(environment);
  if (python !== undefined) return { python };
  const given = environment["SLIPWAY_SANDBOX_PYTHON"];
  if (given) return { reason: `SLIPWAY_SANDBOX_PYTHON names ${given}, which does not exist` };
  const requirements = readFileSync(requirementsFile, "utf8");
  return { reason: recentFailure(cachedEnvironment(environment, requirements)) ?? "its Python has not been made yet" };
}

/**
 * Makes what the sandbox's data services run on, once per user and version of it: a Python environment in the user's cache, and the
 * archive of Spark's classes. Without a Python, or without a network, the services are simulated and the reason says why.
 *
 * @param say Takes a line of progress.
 */
export async function ensureSandboxPython(say: (line: string) => void, environment: Environment): Promise<PythonState> {
  const state = pythonState(environment);
  if (
    environment["SLIPWAY_SANDBOX_LIVE"] === "off" ||
    (state.python === undefined && environment["SLIPWAY_SANDBOX_PYTHON"])
  )
    return state;
  const requirements = readFileSync(requirementsFile, "utf8");
  const ready =
    state.python === undefined
      ? await makeEnvironment(cachedEnvironment(environment, requirements), say, environment)
      : state;
  if (ready.python !== undefined) await prepareSpark(ready.python, requirements, say, environment);
  return ready;
}

async function makeEnvironment(
  target: string,
  say: (line: string) => void,
  environment: Environment,
): Promise<PythonState> {
  const before = recentFailure(target);
  if (before !== undefined) return { reason: before };
  const system = await findPython(environment);
  if (system === undefined) return { reason: "Python 3.11 or newer was not found on PATH" };
  say("making the Python of the sandbox's data services, once: MiniStack and Spark (about 400 MB)");
  const fresh = `${target}.${process.pid}`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    await run(system, ["-m", "venv", fresh], environment);
    const quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1", "--timeout", "20"];
    await run(join(fresh, "bin/python"), ["-m", "pip", "install", ...quiet, "-r", requirementsFile], environment);
    rmSync(failureFile(target), { force: true });
    if (!existsSync(target)) renameSync(fresh, target);
    return { python: join(target, "bin/python") };
  } catch (error) {
    const reason = `the packages of its Python could not be installed: ${lastLine(error)}`;
    writeFileSync(failureFile(target), reason);
    return { reason };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Jobs start in half the time with it, and work without it. */
async function prepareSpark(
  python: string,
  requirements: string,
  say: (line: string) => void,
  environment: Environment,
): Promise<void> {
  const cache = cacheFolder(environment);
  const parts = [python, requirements, ...recipe.map((file) => readFileSync(file, "utf8"))];
  const digest = createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
  const done = join(cache, "spark", `${digest}.prepared`);
  if (existsSync(done)) return;
  say("preparing Spark of the sandbox's data services, once");
  mkdirSync(dirname(done), { recursive: true });
  const outcome = await run(python, ["-B", prepareFile, cache], environment).then(() => "ready", lastLine);
  writeFileSync(done, outcome);
}

async function findPython(environment: Environment): Promise<string | undefined> {
  for (const candidate of candidates) {
    const question = "import sys, venv; print(sys.version_info >= (3, 11))";
    const answer = await run(candidate, ["-c", question], environment).catch(() => "");
    if (answer.trim() === "True") return candidate;
  }
  return undefined;
}

async function run(command: string, words: readonly string[], environment: Environment): Promise<string> {
  const { stdout } = await execute(command, words, { env: { ...environment }, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** The last thing a failed command said. */
function lastLine(error: unknown): string {
  const { stderr = "", message } = error as Error & { stderr?: string };
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? message.split("\n")[0] ?? "").trim();
}

const failureFile = (target: string) => `${target}.failed`;

/** Why making this environment failed, when that is not long ago. */
export function recentFailure(target: string): string | undefined {
  try {
    const file = failureFile(target);
    return Date.now() - statSync(file).mtimeMs < retryAfterMs ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
