import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { run } from "../../automation/commands/model.ts";
import type { CommandResult } from "../../automation/commands/result.ts";
import { createContext, type Context } from "../../automation/context.ts";
import { SlipwayError, type ExitCode } from "../../automation/errors.ts";
import { checkOutput } from "../../automation/report/output-schemas.ts";
import { findPython } from "../../tools/testing/python.ts";
import { repositoryWith } from "../git/throw-away.ts";

/**
 * A stand-in for the training code, of a few lines and quick: its "model" is the hyper-parameter alpha, which alone says how good it is. It
 * reads and writes what the real one does.
 */
const program = `
import json, os, pathlib, sys, tarfile

def option(name): return pathlib.Path(sys.argv[sys.argv.index(name) + 1])

def preprocess():
    rows = [line for file in sorted(option("--input").rglob("*.csv")) for line in file.read_text().splitlines()[1:]]
    if any("broken" in row for row in rows):
        print("row 1: price: got broken, expected a number", file=sys.stderr)
        sys.exit(2)
    for at, name in enumerate(("train", "validation", "test")):
        folder = option("--output") / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.csv").write_text("price\\n" + "\\n".join(rows[at::3]) + "\\n")
    (option("--output") / "manifest").mkdir(exist_ok=True)
    (option("--output") / "manifest" / "manifest.json").write_text("{}")

def train():
    alpha = float(json.loads(os.environ["SM_HPS"])["alpha"])
    model = pathlib.Path(os.environ["SM_MODEL_DIR"])
    (model / "model.json").write_text(json.dumps({"alpha": alpha}))
    print(f"validation:r2={1 / (1 + alpha)};")

def evaluate():
    with tarfile.open(option("--model") / "model.tar.gz") as archive:
        alpha = json.load(archive.extractfile("model.json"))["alpha"]
    prices = [float(row) for row in (option("--test") / "test.csv").read_text().split()[1:]]
    output = option("--output")
    metrics = {"r2": {"value": 1 / (1 + alpha)}, "rmse": {"value": alpha * 1000}, "mape": {"value": alpha / 100}}
    (output / "evaluation.json").write_text(json.dumps({"schema": 1, "metrics": metrics}))
    card = {"algorithm": "ridge", "hyperparameters": {"alpha": alpha}, "data": {"sha256": "0" * 64, "rows": 9}}
    (output / "model-card.json").write_text(json.dumps(card))
    lines = [f"{price},{price * (1 + alpha / 100)}" for price in prices]
    (output / "predictions.csv").write_text("actual,predicted\\n" + "\\n".join(lines) + "\\n")

{"preprocess": preprocess, "train": train, "evaluate": evaluate}[sys.argv[1]]()
`;

export const houses = (count = 9): string =>
  ["price", ...Array.from({ length: count }, (_, at) => String(100_000 + at * 25_000))].join("\n") + "\n";

/** A repository that holds no more than what a local run needs, and the verbs of `model` in it. */
export class TinyCheckout {
  readonly root: string;
  readonly data: string;
  readonly messages: string[] = [];
  readonly #python: string;

  private constructor(root: string, python: string) {
    this.root = root;
    this.data = join(root, "houses");
    this.#python = python;
  }

  static async open(root: string): Promise<TinyCheckout> {
    repositoryWith(root, {
      "Pulumi.yaml": "name: tiny\n",
      ".gitignore": ".slipway/\n",
      "model/src/__main__.py": program,
      // Without pins any Python will do.
      "model/image/requirements.txt": "",
    });
    const checkout = new TinyCheckout(root, await findPython(process.env));
    checkout.write("houses/houses.csv", houses());
    return checkout;
  }

  write(path: string, content: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** What a verb is given; what it says on the way goes to `messages`. */
  context(): Context {
    this.messages.length = 0;
    const { signal } = new AbortController();
    const silent = new Writable({ write: (_chunk, _encoding, next) => next() });
    const heard = new Writable({
      write: (chunk: Buffer, _encoding, next) => {
        this.messages.push(...String(chunk).trimEnd().split("\n"));
        next();
      },
    });
    const environment = { NO_COLOR: "1", SLIPWAY_MODEL_PYTHON: this.#python, GITHUB_ACTOR: "tester" };
    const streams = { stdout: silent, stderr: heard, signal, terminate: signal };
    return createContext({ options: {}, environment, cwd: this.root, ...streams });
  }

  /** Runs a verb; its JSON is held against what is promised. */
  async model(args: readonly string[], options: Record<string, unknown> = {}): Promise<CommandResult> {
    const result = await run(this.context(), args, options);
    const head = { command: "model", version: 1, seconds: 0, exitCode: result.exitCode };
    const broken = checkOutput({ ...head, ...result.json });
    if (broken !== undefined) throw new Error(`model ${args.join(" ")} broke its JSON contract: ${broken}`);
    return result;
  }

  /** `model run` on the houses of the checkout. */
  run(options: Record<string, unknown> = {}): Promise<CommandResult> {
    return this.model(["run"], { data: this.data, ...options });
  }
}

/** Awaits an error for a person: its code, and words of message, changes and way on. */
export async function fails(action: Promise<unknown>, code: ExitCode, ...words: RegExp[]): Promise<SlipwayError> {
  const error = await action.then(
    () => assert.fail("it went through"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SlipwayError, String(error));
  assert.equal(error.code, code, error.message);
  const whole = [error.message, error.changed, error.next].join("\n");
  for (const word of words) assert.match(whole, word);
  return error;
}
