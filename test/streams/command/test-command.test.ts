import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ExitCode } from "../../../automation/errors.ts";
import { commitFiles, failsWith, repositoryWith, scratch, writeFiles } from "../../git/throw-away.ts";
import { streams } from "./lab.ts";

const temporary = scratch();
after(() => temporary.clear());

const processor = (n: number) => `{"pipeline": [
{"$source": {"connectionName": "k", "topic": "t"}},
{"$match": {"n": {"$gt": ${n}}}},
{"$merge": {"into": {"connectionName": "c", "db": "d", "coll": "x"}}}]}
`;
const tests = (expected: string, more = "") => `cases:
  - name: above
    steps: [{ in: { _id: 1, n: 6 } }, { in: { _id: 2, n: 4 } }${more}]
    expect: ${expected}
`;

/** A checkout with one processor, committed, and these files beside it. */
function checkout(files: Readonly<Record<string, string>> = {}): string {
  const root = temporary.directory();
  repositoryWith(root, {
    "Pulumi.yaml": "name: slipway\nruntime: nodejs\n",
    "streams/processors/big.json": processor(3),
  });
  commitFiles(root, { "streams/processors/big.json": processor(5) });
  writeFiles(root, files);
  return root;
}
const file = "streams/tests/big.test.yaml";
const run = (text: string, options: Record<string, unknown> = {}, args: string[] = []) =>
  streams(checkout({ [file]: text }), ["test", ...args], options);

describe("slipway streams test", () => {
  it("passes, and says what tests do not reach", async () => {
    const result = await run(tests("{ stats: { out: 1 } }"));
    assert.equal(result.exitCode, ExitCode.done);
    assert.deepEqual(result.text.split("\n"), [
      "big streams/tests/big.test.yaml: 85.7 % reached",
      "  passed above",
      "  never reached pipeline[2].$merge whenMatched",
      "1 case passed, 0 failed, 85.7 % of stages and branches reached",
    ]);
  });

  it("ends with 7 where something else came, and shows where it was expected", async () => {
    const result = await run(tests("{ stats: { out: 2 } }"), { trace: true });
    assert.equal(result.exitCode, ExitCode.unexpectedChanges);
    assert.match(result.text, /^ {4}streams\/tests\/big\.test\.yaml:4:24 out is another: expected 2, got 1$/m);
    assert.match(result.text, /^ {4}pipeline\[1\]\.\$match: \{"_id":1,"n":6\}$/m);
    const [{ cases }] = result.json["files"] as [{ cases: { differences: object[] }[] }];
    assert.deepEqual(cases[0]?.differences, [
      { line: 4, column: 24, message: "out is another", expected: 2, actual: 1 },
    ]);
  });

  it("ends with 2 where a test cannot be read or run", async () => {
    const broken = await run("cases: {}");
    assert.equal(broken.exitCode, ExitCode.usage);
    assert.match(broken.text, /error streams\/tests\/big\.test\.yaml:1:1 Invalid input: expected array/);
    const source = { "streams/processors/big.json": processor(5).replace('"$gt": 5', '"$near": 5') };
    const root = checkout({ ...source, [file]: tests("{}") });
    const invalid = await streams(root, ["test"]);
    assert.equal(invalid.exitCode, ExitCode.unexpectedChanges);
    assert.match(invalid.text, /Atlas Stream Processing has no \$near \(pipeline\[1\]\.\$match\.n\.\$near\)/);
    writeFiles(root, { "streams/processors/big.json": processor(5).replace('"$gt": 5', '"$geoWithin": 5') });
    const unknown = await streams(root, ["test"]);
    assert.equal(unknown.exitCode, ExitCode.usage);
    assert.match(unknown.text, /error above[^]*cannot be simulated: the condition \$geoWithin/);
  });

  it("ends with 5 where too little is reached", async () => {
    assert.equal((await run(tests("{}"), { coverageMin: "85" })).exitCode, ExitCode.done);
    const result = await run(tests("{}"), { coverageMin: "90" });
    assert.equal(result.exitCode, ExitCode.policy);
    assert.match(result.text, /coverage is below 90 %/);
    await assert.rejects(
      run(tests("{}"), { coverageMin: "most" }),
      failsWith(ExitCode.usage, /--coverage-min: got "most"/),
    );
  });

  it("updates tests, and runs them as they are then", async () => {
    const root = checkout({ [file]: `# kept\n${tests("{ stats: { out: 2 }, sink: { c.d.x: [] } }")}` });
    const result = await streams(root, ["test"], { update: true });
    assert.equal(result.exitCode, ExitCode.done);
    assert.deepEqual(result.json["updated"], [file]);
    const text = readFileSync(join(root, file), "utf8");
    assert.match(text, /^# kept\n/);
    assert.match(text, /out: 1/);
    assert.equal((await streams(root, ["test"])).exitCode, ExitCode.done);
  });

  it("starts other versions out of commits and files", async () => {
    const again = (from: string) => `, { restart: { pipelineFrom: "${from}" } }, { in: { _id: 3, n: 4 } }`;
    const before = await run(tests("{ stats: { out: 2 } }", again("git:HEAD~1")));
    assert.equal(before.exitCode, ExitCode.done, before.text);
    const root = checkout({
      "streams/tests/old/big.json": processor(3),
      [file]: tests("{ stats: { out: 2 } }", again("tests/old/big.json")),
    });
    assert.equal((await streams(root, ["test"])).exitCode, ExitCode.done);
    await assert.rejects(run(tests("{}", again("git:nowhere"))), failsWith(ExitCode.notFound, /nowhere/));
    await assert.rejects(run(tests("{}", again("tests/none.json"))), failsWith(ExitCode.usage, /no such file/));
  });

  it("runs what is asked for, and writes JUnit", async () => {
    const root = checkout({ [file]: `${tests("{ stats: { out: 2 } }")}  - name: other\n    expect: {}\n` });
    const junit = join(root, "out/junit.xml");
    const some = await streams(root, ["test", "big"], { case: "oth", junit });
    assert.equal(some.exitCode, ExitCode.done);
    assert.match(readFileSync(junit, "utf8"), /<testcase name="other" classname="big"/);
    await assert.rejects(streams(root, ["test", "small"]), failsWith(ExitCode.notFound, /no processor "small"/));
    const untested = await streams(checkout(), ["test"]);
    assert.equal(untested.exitCode, ExitCode.done);
    assert.match(untested.text, /note {2}big has no test/);
    await assert.rejects(
      streams(checkout(), ["test"], { folder: temporary.directory() }),
      failsWith(ExitCode.notFound, /holds no stream processors/),
    );
  });
});
