import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { chooseCandidate, recoverCheckpoint, type Candidate } from "../../automation/engine/checkpoint-recovery.ts";
import { runOperation } from "../../automation/engine/operation.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { createTinyStack, type TinyStack } from "../support/tiny-stack.ts";

const state = (takenAt: string, names: readonly string[] = []) =>
  JSON.stringify({
    version: 3,
    checkpoint: { latest: { manifest: { time: takenAt }, resources: names.map((urn) => ({ urn })) } },
  });
const older = state("2026-01-01T00:00:01.5Z", ["a"]);
const newer = state("2026-01-01T00:00:02.5Z", ["a", "b"]);

describe("choice among the states beside a torn one", () => {
  const candidate = (file: string, writtenAt: number, takenAt: string): Candidate => ({
    ...{ file, writtenAt, takenAt },
    ...{ resources: 0, pending: 0 },
  });
  const cases: [string, Candidate[], string | undefined][] = [
    ["nothing where there is nothing", [], undefined],
    ["the copy made before the write", [candidate("bak", 999_000, "1")], "bak"],
    [
      "a complete write over the copy before it",
      [candidate("bak", 999_000, "1"), candidate("tmp", 999_500, "2")],
      "tmp",
    ],
    [
      "the newer snapshot, whatever the files' times",
      [candidate("tmp", 999_900, "1"), candidate("bak", 999_000, "2")],
      "bak",
    ],
    ["nothing of an earlier day", [candidate("bak", 1_000, "1")], undefined],
  ];
  for (const [name, candidates, expected] of cases)
    it(`is ${name}`, () => assert.equal(chooseCandidate(candidates, 1_000_000)?.file, expected));
});

describe("recovery of a file backend", () => {
  let root: string;
  let file: string;
  let lines: string[];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-torn-"));
    file = join(root, ".pulumi/stacks/tiny/dev.json");
    mkdirSync(dirname(file), { recursive: true });
    lines = [];
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const recover = () => {
    const environment = { PULUMI_BACKEND_URL: `file://${root}` };
    recoverCheckpoint({ stack: "organization/tiny/dev", workDir: root, environment }, (line) => lines.push(line));
  };
  const files = () => readdirSync(dirname(file)).sort();
  const lock = (name: string, content: string) => {
    const directory = join(root, ".pulumi/locks/organization/tiny/dev");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const holder = (pid: number) =>
    JSON.stringify({ pid, username: "ada", hostname: hostname(), timestamp: new Date().toISOString() });

  it("does nothing to what is whole, however much lies beside it", () => {
    writeFileSync(file, older);
    writeFileSync(`${file}.bak`, newer);
    writeFileSync(`${file}.attrs`, "{}");
    writeFileSync(`${file}.18.tmp`, newer);
    recover();
    assert.equal(readFileSync(file, "utf8"), older);
    assert.deepEqual([lines, files().length], [[], 4]);
  });

  it("does not bring back a stack that was removed", () => {
    writeFileSync(`${file}.bak`, older);
    recover();
    assert.deepEqual([files(), lines], [["dev.json.bak"], []]);
  });

  for (const [name, torn] of [
    ["empty", ""],
    ["cut short", newer.slice(0, -9)],
    ["cut short at a brace", `${newer.slice(0, newer.indexOf("}") + 1)}`],
    ["filled with zeros", "\0".repeat(64)],
  ] as const) {
    it(`restores the copy of a state that is ${name}, and keeps what is left of it`, () => {
      writeFileSync(`${file}.bak`, older);
      writeFileSync(file, torn);
      recover();
      assert.equal(readFileSync(file, "utf8"), older);
      const kept = files().filter((each) => each.includes(".torn-"));
      assert.deepEqual(
        kept.map((each) => readFileSync(join(dirname(file), each), "utf8")),
        [torn],
      );
      assert.match(lines.join("\n"), /state of stack .*dev was torn .* 2026-01-01T00:00:01\.500Z .* 1 resources/);
      lines = [];
      recover();
      assert.deepEqual(lines, []);
    });
  }

  it("prefers a complete write that had not got its name yet", () => {
    writeFileSync(`${file}.bak`, older);
    writeFileSync(`${file}.18a9.tmp`, newer);
    writeFileSync(`${file}.18b0.tmp`, newer.slice(0, 20));
    writeFileSync(file, "");
    recover();
    assert.equal(readFileSync(file, "utf8"), newer);
  });

  it("restores a compressed state", () => {
    writeFileSync(`${file}.gz.bak`, gzipSync(older));
    writeFileSync(`${file}.gz`, gzipSync(newer).subarray(0, 30));
    recover();
    assert.deepEqual(readFileSync(`${file}.gz`), gzipSync(older));
  });

  it("refuses to go back further than one write, and says what there is", () => {
    writeFileSync(`${file}.bak`, older);
    utimesSync(`${file}.bak`, 1_700_000_000, 1_700_000_000);
    writeFileSync(file, "");
    assert.throws(recover, (error) => {
      assert.ok(error instanceof SlipwayError);
      assert.match(error.message, /torn, and the newest copy beside it, .*dev\.json\.bak, is of 2026-01-01T00:00:01/);
      assert.match(error.next ?? "", /backups.tiny.*pulumi refresh/);
      return true;
    });
    assert.equal(readFileSync(file, "utf8"), "");
  });

  it("touches nothing while the lock may be held", () => {
    writeFileSync(`${file}.bak`, older);
    writeFileSync(`${file}.attrs`, "");
    writeFileSync(file, "");
    lock("held.json", holder(process.pid));
    recover();
    assert.deepEqual([readFileSync(file, "utf8"), lines], ["", []]);
    lock("held.json", holder(2 ** 30));
    recover();
    assert.equal(readFileSync(file, "utf8"), older);
  });

  it("takes a torn sidecar and a half-made lock away", () => {
    writeFileSync(file, newer);
    writeFileSync(`${file}.attrs`, '{"user.cache_co');
    const old = lock("1.json.18a9.tmp", "");
    utimesSync(old, 1_700_000_000, 1_700_000_000);
    const young = lock("2.json.18a9.tmp", "");
    recover();
    assert.deepEqual([existsSync(old), existsSync(young), files()], [false, true, ["dev.json"]]);
    assert.equal(lines.length, 2);
  });
});

describe("a torn state under the real engine", function () {
  this.timeout(120_000);
  let tiny: TinyStack;
  let file: string;
  const lines: string[] = [];
  const up = async () => runOperation(await tiny.cli(), tiny.operation("up", { report: (line) => lines.push(line) }));

  before(async () => {
    tiny = createTinyStack();
    file = join(tiny.directory, "state/.pulumi/stacks/tiny/dev.json");
    tiny.setItems([{ name: "first" }, { name: "last", dependsOn: ["first"] }]);
    assert.equal((await up()).outcome, "succeeded");
  });
  beforeEach(() => lines.splice(0));
  after(() => tiny.remove());

  it("goes on after a kill that left the state's sidecar empty", async () => {
    assert.ok(existsSync(`${file}.attrs`), "this backend keeps sidecars");
    writeFileSync(`${file}.attrs`, "");
    const result = await up();
    assert.deepEqual([result.outcome, result.summary.changed], ["succeeded", 0]);
    assert.match(lines.join("\n"), /cut short when an engine was killed/);
  });

  it("goes on from the copy when the state itself is torn, and makes nothing twice", async () => {
    writeFileSync(file, readFileSync(file).subarray(0, 200));
    const result = await up();
    assert.equal(result.outcome, "succeeded");
    assert.match(lines.join("\n"), /was torn \(200 bytes/);
    assert.deepEqual(tiny.stateItems(), ["first", "last"]);
    assert.deepEqual(
      tiny
        .journal()
        .filter((line) => line.startsWith("create "))
        .sort(),
      ["create first", "create last"],
    );
  });

  it("refuses rather than forget", async () => {
    utimesSync(`${file}.bak`, 1_700_000_000, 1_700_000_000);
    writeFileSync(file, "");
    await assert.rejects(up(), (error) => error instanceof SlipwayError && error.code === ExitCode.unexpected);
    assert.equal(readFileSync(file, "utf8"), "");
  });
});
