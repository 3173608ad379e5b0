import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { run } from "../../automation/commands/affected.ts";
import { createContext } from "../../automation/context.ts";
import { leaseKey, leaseText } from "../../automation/lease/document.ts";
import { append } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry } from "../../automation/promotion/ledger-records.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { commitFiles, failsWith, gitIn, repositoryWith, scratch, writeFiles } from "../git/throw-away.ts";

const checkout = join(import.meta.dirname, "..", "..");
const own = (file: string) => readFileSync(join(checkout, file), "utf8");
const temporary = scratch();
after(() => temporary.clear());

const stacks = ["operations", "dev", "staging", "prod", "review"];
const project = (): Record<string, string> => ({
  "Pulumi.yaml": "name: slipway\nruntime: nodejs\n",
  ...Object.fromEntries(stacks.map((stack) => [`Pulumi.${stack}.yaml`, "config: {}\n"])),
  "config/promotion.yaml": own("config/promotion.yaml"),
  "config/units.yaml": own("config/units.yaml"),
  ".gitignore": ".slipway/\n*.log\n",
  "services/api/main.py": "1\n",
  "data/job.py": "1\n",
  "model/train.py": "1\n",
});

interface Answer {
  everything: boolean;
  why: string;
  changed?: number;
  units: { unit: string; stacks: string[]; reason: string; wave: number }[];
  stacks: string[];
  elsewhere: string[];
  matrix: { include: { unit: string; stacks: string[]; reason: string }[] };
  unit: string;
  rule: { pattern: string; line: number } | null;
}

const silent = () => new Writable({ write: (_chunk, _encoding, next) => next() });

async function ask(root: string, options: Record<string, unknown> = {}) {
  const { signal } = new AbortController();
  const streams = { stdout: silent(), stderr: silent(), signal, terminate: signal };
  const context = createContext({ options: {}, environment: { NO_COLOR: "1" }, cwd: root, ...streams });
  const result = await run(context, [], options);
  // What a machine reads has gone through JSON.
  return { ...result, json: JSON.parse(JSON.stringify(result.json)) as Answer };
}

const units = ({ json }: { json: Answer }) => json.units.map(({ unit }) => unit);

describe("slipway affected", () => {
  let template = "";
  let root = "";
  let first = "";
  const record = (stack: string, entry: LedgerEntry) =>
    append(new DirectoryStore(join(root, ".slipway", "store")), stack, entry, () => new Date("2026-05-01T00:00:00Z"));
  const deployed = (commit: string): LedgerEntry => ({
    kind: "promoted",
    by: "ada",
    verb: "promote",
    commit,
    seconds: 1,
    resources: 1,
    changes: {},
  });

  before(() => {
    template = temporary.directory();
    first = repositoryWith(template, project());
  });
  beforeEach(() => {
    root = temporary.directory();
    cpSync(template, root, { recursive: true });
  });

  it("gives CI a matrix of what a branch changed, with the reason of each entry", async () => {
    gitIn(root, "switch", "--quiet", "--create", "feature");
    commitFiles(root, { "data/job.py": "2\n", "services/api/main.py": "2\n" });
    const { json, exitCode, text } = await ask(root);
    assert.equal(exitCode, 0);
    assert.equal(json.changed, 2);
    assert.deepEqual(json.stacks, ["dev", "staging", "prod"]);
    const all = ["dev", "staging", "prod"];
    assert.deepEqual(json.matrix.include, [
      {
        unit: "services/api",
        stacks: all,
        reason: "services/api/main.py (services/<service>/**) -> services/api -> dev, staging, prod",
      },
      { unit: "data", stacks: all, reason: "data/job.py (data/**) -> data -> dev, staging, prod" },
      { unit: "model", stacks: all, reason: "data/job.py (data/**) -> data -> model -> dev, staging, prod" },
    ]);
    assert.match(text, /2 changed paths in [0-9a-f]{12} against [0-9a-f]{12} \(main\)/);
    assert.match(text, /3 units affected; stacks: dev, staging, prod/);
    assert.deepEqual(units(await ask(root, { dependents: false })), ["services/api", "data"]);
  });

  it("compares with what was last deployed to an environment", async () => {
    const second = commitFiles(root, { "data/job.py": "2\n" });
    commitFiles(root, { "services/api/main.py": "2\n", "Pulumi.prod.yaml": "config: {a: 1}\n" });
    await record("dev", deployed(second));
    await record("prod", deployed(first));
    const dev = await ask(root, { environment: "dev" });
    assert.deepEqual(units(dev), ["services/api"]);
    assert.deepEqual([dev.json.stacks, dev.json.elsewhere], [["dev"], ["settings/prod"]]);
    assert.match(dev.text, /changed, but not part of dev: settings\/prod/);
    const prod = await ask(root, { environment: "prod" });
    assert.deepEqual(units(prod), ["services/api", "data", "settings/prod", "model"]);
    const staging = await ask(root, { environment: "staging" });
    assert.equal(staging.json.everything, true);
    assert.match(staging.json.why, /nothing is deployed to staging yet/);
    assert.deepEqual(units(staging), ["services/api", "data", "settings/staging", "infrastructure", "model"]);
  });

  it("counts what a run under way, and one that was killed before it, may have changed", async () => {
    const second = commitFiles(root, { "data/job.py": "2\n" });
    const third = commitFiles(root, { "data/job.py": "1\n", "model/train.py": "2\n" });
    const head = commitFiles(root, { "model/train.py": "1\n" });
    await record("dev", deployed(head));
    const run = { verb: "promote", host: "ci", startedAt: "2026-05-01T00:00:00.000Z" };
    const held = leaseText({
      ...{ schema: 1, state: "held", environment: "dev", fence: 2, unsettled: [{ ...run, commit: second }] },
      ...{ renewedAt: run.startedAt, expiresAt: run.startedAt },
      holder: { ...run, who: "ada", machine: "m", pid: 1, commit: third },
    });
    await new DirectoryStore(join(root, ".slipway", "store")).put(leaseKey("dev"), held);
    const { json } = await ask(root, { environment: "dev" });
    assert.deepEqual(
      json.units.map(({ unit }) => unit),
      ["data", "model"],
    );
    assert.match(json.why, /deployed to dev in part/);
  });

  it("answers that nothing is affected when the environment stands at the head", async () => {
    await record("dev", deployed(first));
    const { json, text } = await ask(root, { environment: "dev" });
    assert.deepEqual([json.units, json.matrix.include, json.stacks], [[], [], []]);
    assert.match(text, /nothing in dev is affected/);
  });

  it("counts uncommitted files only with --uncommitted", async () => {
    writeFiles(root, { "model/new.py": "1\n", "data/x.log": "ignored\n" });
    assert.deepEqual(units(await ask(root, { base: "HEAD" })), []);
    assert.deepEqual(units(await ask(root, { base: "HEAD", uncommitted: true })), ["model"]);
    assert.deepEqual(units(await ask(root, { uncommitted: true })), ["model"]);
  });

  it("gives a deleted service and a deleted stack file as what they were", async () => {
    gitIn(root, "rm", "--quiet", "-r", "services/api", "Pulumi.review.yaml");
    gitIn(root, "commit", "--quiet", "--message", "remove");
    const { json } = await ask(root, { base: first });
    assert.deepEqual(
      json.units.map(({ unit, stacks: reached }) => [unit, reached]),
      [
        ["services/api", ["dev", "staging", "prod"]],
        ["settings/review", []],
      ],
    );
  });

  it("explains which pattern takes a file", async () => {
    const cases: [string, string, string | undefined, RegExp][] = [
      ["services/api/main.py", "services/api", "services/<service>/**", /it has not changed/],
      ["./services/api/main.py", "services/api", "services/<service>/**", /took/],
      [join(root, "data", "job.py"), "data", "data/**", /"data" is not services/],
      ["nowhere.txt", "infrastructure", undefined, /no pattern, so the fallback/],
      ["debug.log", "infrastructure", undefined, /git ignores it \(\.gitignore:2:\*\.log\)/],
    ];
    for (const [file, unit, pattern, said] of cases) {
      const { json, text } = await ask(root, { base: "HEAD", explain: file });
      assert.deepEqual([json.unit, json.rule?.pattern], [unit, pattern], file);
      assert.match(text, said);
    }
    await assert.rejects(ask(root, { explain: "../x" }), failsWith(2, /not a file of this repository/));
    await assert.rejects(ask(root, { explain: "/etc/passwd" }), failsWith(2, /not a file of this repository/));
  });

  const wrong: [string, Record<string, unknown>, number, RegExp][] = [
    ["an unknown environment", { environment: "prd" }, 6, /no stack "prd"/],
    ["an unknown base", { base: "mian" }, 6, /did you mean main/],
    ["an unknown head", { head: "nowhere" }, 6, /no commit, tag or branch "nowhere"/],
    ["base and environment", { base: "main", environment: "dev" }, 2, /cannot go with --base/],
    ["head and uncommitted files", { head: "main", uncommitted: true }, 2, /cannot go with --head/],
  ];
  for (const [what, options, code, message] of wrong)
    it(`refuses ${what}`, () => assert.rejects(ask(root, options), failsWith(code, message)));

  it("refuses units of stacks that are not there, and a missing units file", async () => {
    const renamed = own("config/units.yaml").replace("stacks: [operations]", "stacks: [operation]");
    writeFiles(root, { "config/units.yaml": renamed });
    await assert.rejects(ask(root), failsWith(2, /no stack file: operations: operation\./));
    gitIn(root, "rm", "--quiet", "-f", "config/units.yaml");
    await assert.rejects(ask(root), failsWith(2, /git checkout -- config\/units\.yaml/));
  });
});
