import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Context } from "../../context.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";

const execute = promisify(execFile);

/** The Python that stands in for the image of the model pipeline. */
export interface ModelPython {
  python: string;
  /** What it is and what it brings: another one may come to other numbers. */
  runtime: string;
}

type Surroundings = Pick<Context, "root" | "environment"> & { say(line: string): void };

/** What a model is made of and with. The image brings more, which only AWS needs. */
const essential = ["numpy", "scikit-learn", "scipy", "pyarrow", "onnx", "onnxruntime", "skl2onnx"];
const requirements = join("model", "image", "requirements.txt");
/** The image has 3.13; the packages are the same for these. */
const candidates = ["python3.13", "python3.12", "python3.11", "python3", "python"];

const question = `
import json, sys
from importlib.metadata import PackageNotFoundError, version
def found(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
print(json.dumps({"python": sys.version.split()[0], "packages": {name: found(name) for name in sys.argv[1:]}}))
`;

interface Answer {
  python: string;
  packages: Record<string, string | null>;
}

/** Pure: versions by package, as the requirements pin them. */
export function pinsIn(text: string): Record<string, string> {
  const pins = [...text.matchAll(/^([A-Za-z0-9._-]+)==([^\s;#]+)/gm)].map(([, name = "", version = ""]) => [
    name,
    version,
  ]);
  return Object.fromEntries(pins) as Record<string, string>;
}

/** Pure: what a Python lacks, e.g. "numpy 2.4.6 (has 2.3.0)". */
export function lacks(pins: Readonly<Record<string, string>>, { packages }: Answer): string[] {
  return essential.flatMap((name) => {
    const [wanted, has] = [pins[name], packages[name]];
    if (wanted === undefined || wanted === has) return [];
    return [`${name} ${wanted}${has ? ` (has ${has})` : ""}`];
  });
}

async function ask(python: string): Promise<Answer | undefined> {
  const { stdout } = await execute(python, ["-I", "-c", question, ...essential]).catch(() => ({ stdout: "" }));
  return stdout === "" ? undefined : (JSON.parse(stdout) as Answer);
}

/**
 * A Python with the packages of the image: the one that is named, that of the checkout or of the sandbox, or one of its own in the user's
 * cache, made once.
 * @throws SlipwayError where there is none and none can be made.
 */
export async function modelPython(surroundings: Surroundings): Promise<ModelPython> {
  const { root, environment } = surroundings;
  const text = await readFile(join(root, requirements), "utf8").catch((cause: unknown) => {
    throw new SlipwayError(ExitCode.usage, "The requirements of the model's image cannot be read.", {
      where: requirements,
      next: `git checkout -- ${requirements}`,
      cause,
    });
  });
  const pins = pinsIn(text);
  const given = environment["SLIPWAY_MODEL_PYTHON"];
  if (given) return named(given, pins);
  const cache = join(environment["XDG_CACHE_HOME"] || join(environment["HOME"] || homedir(), ".cache"), "slipway");
  const own = join(cache, "model", createHash("sha256").update(text).digest("hex").slice(0, 16));
  const places = [join(root, ".venv"), own, ...(await inFolder(join(cache, "python")))];
  for (const place of places) {
    const python = join(place, "bin", "python");
    const answer = existsSync(python) ? await ask(python) : undefined;
    if (answer !== undefined && lacks(pins, answer).length === 0) return { python, runtime: runtimeOf(answer) };
  }
  return make(own, join(root, requirements), surroundings);
}

const inFolder = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).map((name) => join(folder, name));

const runtimeOf = ({ python, packages }: Answer): string =>
  [`python ${python}`, ...essential.map((name) => `${name} ${packages[name]}`)].join(", ");

async function named(python: string, pins: Readonly<Record<string, string>>): Promise<ModelPython> {
  const answer = await ask(python);
  const missing = answer === undefined ? ["it cannot be run"] : lacks(pins, answer);
  if (answer !== undefined && missing.length === 0) return { python, runtime: runtimeOf(answer) };
  throw new SlipwayError(ExitCode.usage, `This Python cannot train the model; it lacks: ${missing.join(", ")}.`, {
    where: `SLIPWAY_MODEL_PYTHON=${python}`,
    next: `${python} -m pip install -r ${requirements}, or unset the variable`,
  });
}

async function make(target: string, file: string, { say, environment }: Surroundings): Promise<ModelPython> {
  const system = await newEnough();
  say("making the Python that trains models, once (about 600 MB in the user's cache)");
  const fresh = `${target}.${process.pid}`;
  const env = { ...environment };
  try {
    await mkdir(join(target, ".."), { recursive: true });
    await execute(system, ["-m", "venv", fresh], { env });
    const quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1", "--timeout", "20"];
    await execute(join(fresh, "bin", "python"), ["-m", "pip", "install", ...quiet, "-r", file], {
      env,
      maxBuffer: 1 << 26,
    });
    if (!existsSync(target)) await rename(fresh, target);
  } catch (cause) {
    const words = ((cause as { stderr?: string }).stderr ?? "").split("\n").filter((line) => line.trim() !== "");
    throw new SlipwayError(
      ExitCode.usage,
      `The packages of the model cannot be installed: ${words.at(-1) ?? String(cause)}`,
      {
        where: file,
        next: "Check the connection to the package index, or name a Python that has them in SLIPWAY_MODEL_PYTHON.",
        cause,
      },
    );
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  const python = join(target, "bin", "python");
  const answer = await ask(python);
  if (answer === undefined) throw new Error(`${python} was made and cannot be run`);
  return { python, runtime: runtimeOf(answer) };
}

async function newEnough(): Promise<string> {
  for (const candidate of candidates) {
    const check = ["-c", "import sys, venv; print((3, 11) <= sys.version_info < (3, 14))"];
    const { stdout } = await execute(candidate, check).catch(() => ({ stdout: "" }));
    if (stdout.trim() === "True") return candidate;
  }
  throw new SlipwayError(ExitCode.usage, "Python 3.11, 3.12 or 3.13 with its venv module was not found on PATH.", {
    where: "PATH",
    next: "Install one, e.g. apt-get install python3.11 python3.11-venv, or name it in SLIPWAY_MODEL_PYTHON.",
  });
}
