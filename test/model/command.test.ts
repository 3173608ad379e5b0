import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandResult } from "../../automation/commands/result.ts";
import { ExitCode } from "../../automation/errors.ts";
import { scratch } from "../git/throw-away.ts";
import { fails, TinyCheckout } from "./tiny-checkout.ts";

const temporary = scratch();
after(() => temporary.clear());

const stepsOf = ({ json }: CommandResult) =>
  Object.fromEntries((json["steps"] as { step: string; status: string }[]).map(({ step, status }) => [step, status]));
const registered = ({ json }: CommandResult) => json["registered"];

describe("slipway model, in folders of a checkout", function () {
  this.timeout(60_000);
  let checkout: TinyCheckout;
  const registry = (...parts: string[]) => join(checkout.root, ".slipway", "model", "registry", ...parts);
  const approved = () => (JSON.parse(readFileSync(registry("approved.json"), "utf8")) as { version: number }).version;

  before(async () => {
    checkout = await TinyCheckout.open(temporary.directory());
  });

  it("run takes the pipeline's own definition through every step, and registers what comes out", async () => {
    const result = await checkout.run();
    assert.equal(result.exitCode, ExitCode.done);
    assert.deepEqual(stepsOf(result), {
      "preprocess-data": "done",
      "train-model": "done",
      "evaluate-model": "done",
      "accuracy-check": "done",
      "register-model": "skipped",
      "register-rejected": "done",
    });
    // alpha is 1 by default: an r2 of 0.5 is below 0.6.
    assert.deepEqual(registered(result), { version: 1, status: "Rejected", created: true });
    assert.match(result.text, /verdict {3}missed: r2 is 0\.5, at least 0\.6 is needed/);
    assert.ok(!existsSync(registry("approved.json")));
  });

  it("run says what is not as in the cloud", () => {
    const told = checkout.messages.join("\n");
    assert.match(told, /images are not used: \S+ stands in for them/);
    assert.match(told, /network isolation, roles and instance types .* nothing of them is enforced/);
  });

  it("run takes what has not changed from the cache, and trains anew where a parameter has", async () => {
    const again = await checkout.run();
    assert.deepEqual(
      [stepsOf(again)["preprocess-data"], stepsOf(again)["train-model"], registered(again)],
      ["cached", "cached", { version: 1, status: "Rejected", created: false }],
    );
    const better = await checkout.run({ set: ["alpha=0.25"] });
    assert.deepEqual(
      [stepsOf(better)["preprocess-data"], stepsOf(better)["train-model"], registered(better)],
      ["cached", "done", { version: 2, status: "Approved", created: true }],
    );
    assert.equal(approved(), 2);
    assert.match(better.text, /MODEL_REGISTRY=/);
    const fresh = await checkout.run({ set: ["alpha=0.25"], cache: false });
    assert.equal(stepsOf(fresh)["preprocess-data"], "done");
    assert.deepEqual(
      [fresh.json["artifact"], fresh.json["metrics"]],
      [better.json["artifact"], better.json["metrics"]],
    );
  });

  it("run ends with 23 where a model has to be approved and is not", async () => {
    const missed = await checkout.run({ threshold: "0.9", set: ["alpha=0.25"], requireApproved: true });
    assert.deepEqual(
      [missed.exitCode, registered(missed)],
      [ExitCode.gateRefused, { version: 3, status: "Rejected", created: true }],
    );
    const reached = await checkout.run({ threshold: "0.8", set: ["alpha=0.25"], requireApproved: true });
    assert.deepEqual(
      [reached.exitCode, reached.json["threshold"]],
      [ExitCode.done, { metric: "r2", minimum: 0.8, value: 0.8, reached: true }],
    );
  });

  it("run says which step failed, with its last words, and goes on from there", async () => {
    checkout.write("broken/houses.csv", "price\nbroken\n");
    const data = join(checkout.root, "broken");
    const error = await fails(
      checkout.run({ data }),
      ExitCode.resourceFailed,
      /Step preprocess-data ended with exit code 2\.\n {2}row 1: price: got broken/,
      /nothing was registered; no step is kept/,
      /\.\/slipway model run goes on from there/,
    );
    assert.match(readFileSync(error.where ?? "", "utf8"), /got broken/);
    checkout.write(
      "model/src/__main__.py",
      readFileSync(join(checkout.root, "model/src/__main__.py"), "utf8").replace(
        "def evaluate():",
        "def evaluate():\n    sys.exit('no evaluation')",
      ),
    );
    await fails(
      checkout.run(),
      ExitCode.resourceFailed,
      /Step evaluate-model .*exit code 1/,
      /kept, and not run again: preprocess-data, train-model/,
    );
  });

  it("list shows versions, the newest first, and which one serves", async () => {
    const { json, text } = await checkout.model(["list"]);
    const versions = json["versions"] as { version: number; stage: string }[];
    assert.deepEqual(
      versions.map(({ version, stage }) => [version, stage]),
      [
        [4, "serving"],
        [3, "rejected"],
        [2, "retired"],
        [1, "rejected"],
      ],
    );
    assert.match(text, /^4 +serving +Approved +0\.8 .* r2 0\.8 /m);
  });

  it("approve and reject keep who and why, and what serves follows", async () => {
    await fails(
      checkout.model(["approve", "3"]),
      ExitCode.gateRefused,
      /its r2 is 0\.8, and has to be at least 0\.9/,
      /--override/,
    );
    const approve = await checkout.model(["approve", "3"], { override: "a test of it" });
    assert.match(approve.text, /version 3 is Approved by tester; version 4 serves/);
    await fails(checkout.model(["reject", "4"]), ExitCode.usage, /--reason/);
    const reject = await checkout.model(["reject", "4"], { reason: "slow" });
    assert.match(reject.text, /version 4 is Rejected by tester; version 3 serves/);
    assert.equal(approved(), 3);
    const decisions = readFileSync(registry("decisions", "3.json"), "utf8");
    assert.match(decisions, /"by": "tester"[^]*"override": true[^]*"reason": "a test of it"/);
    const idle = await checkout.model(["reject", "4"], { reason: "again" });
    assert.equal((idle.json["decided"] as { changed: boolean }).changed, false);
    await fails(
      checkout.model(["approve", "77"]),
      ExitCode.notFound,
      /There is no version 77/,
      /Use one of: 1, 2, 3, 4/,
    );
  });

  it("compare shows two versions side by side, and writes picture and page", async () => {
    const [svg, html] = [join(checkout.root, "out", "a.svg"), join(checkout.root, "out", "a.html")];
    const { json, text } = await checkout.model(["compare", "1", "2"], { svg, html });
    assert.match(text, /^r2 +0\.5 +0\.8 +\+0\.3 +better$/m);
    assert.match(text, /^rmse +1,000 +250 +-750 +better$/m);
    assert.match(text, /^alpha +1 +0\.25 +differs$/m);
    assert.match(text, /version 2 is better in 3 and worse in 0 of 3 metrics/);
    assert.deepEqual([json["sameTest"], json["files"]], [true, [svg, html]]);
    assert.match(readFileSync(svg, "utf8"), /^<svg/);
    assert.match(readFileSync(html, "utf8"), /version 1 and version 2/);
  });

  const bad: [name: string, args: string[], options: Record<string, unknown>, words: RegExp][] = [
    ["a threshold beyond 1", ["run"], { threshold: "1.5" }, /--threshold: got "1\.5", expected a number from 0 to 1/],
    ["a threshold that is a word", ["run"], { threshold: "high" }, /--threshold: got "high"/],
    ["a value without a name", ["run"], { set: ["0.5"] }, /--set: got "0\.5", expected name=value/],
    ["an unknown parameter", ["run"], { set: ["alpa=1"] }, /alpa: there is no such parameter; did you mean Alpha/],
    ["a word for a number", ["run"], { set: ["alpha=much"] }, /Alpha: got "much", expected a number/],
    ["an unknown algorithm", ["run"], { set: ["algorithm=magic"] }, /Algorithm: got "magic", expected one of/],
    [
      "an input in place of data",
      ["run"],
      { set: ["InputManifest=s3://a/b"] },
      /what is learned from is said with --data/,
    ],
    ["no data", ["run"], { data: "/nowhere" }, /There is no \.csv or \.parquet file to learn from/],
    ["another attempt where there is none", ["run"], { attempt: "2" }, /--attempt: has no effect in local folders/],
    ["an unknown action", ["train"], {}, /There is no action "train"[^]*run, list, compare, approve, reject/],
    ["a word for a version", ["compare", "one", "2"], {}, /the first version: got "one", expected the number/],
    ["one version to compare", ["compare", "1"], {}, /the second version: got ""/],
  ];
  for (const [name, args, options, words] of bad)
    it(`refuses ${name}`, async () => {
      const data = args[0] === "run" ? { data: checkout.data } : {};
      const code = ExitCode.usage;
      await fails(checkout.model(args, { ...data, ...options }), code, words);
    });
});
