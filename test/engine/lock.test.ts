import assert from "node:assert/strict";
import { fileBackendDirectory, locateStack, projectName } from "../../automation/engine/backend.ts";
import { isStale, lockFromText, parseLock, type HolderFacts } from "../../automation/engine/lock.ts";

const timestamp = "2026-05-01T10:00:00.5Z";
const lock = { file: "f", pid: 7, username: "ada", hostname: "h", timestamp };

describe("state locks", () => {
  it("are read from their file, half-written ones left out", () => {
    const { file: _file, ...content } = lock;
    const cases: [string, unknown][] = [
      [JSON.stringify(content), lock],
      [JSON.stringify({ ...content, username: undefined }), { ...lock, username: "?" }],
      [JSON.stringify({ ...content, pid: "7" }), undefined],
      ['{"pid":7,"user', undefined],
      ["", undefined],
      ["null", undefined],
    ];
    for (const [text, expected] of cases) assert.deepEqual(parseLock(text, "f"), expected, text);
  });

  const at = Date.parse(timestamp) / 1000;
  const cases: [string, HolderFacts, boolean][] = [
    ["a living holder", { sameHost: true, alive: true, startedAt: at - 3 }, false],
    ["a living holder of unknown age", { sameHost: true, alive: true, startedAt: undefined }, false],
    ["a dead holder", { sameHost: true, alive: false, startedAt: undefined }, true],
    ["a later process with the holder's pid", { sameHost: true, alive: true, startedAt: at + 60 }, true],
    ["a process that started as the lock was written", { sameHost: true, alive: true, startedAt: at + 1 }, false],
    ["another host's holder", { sameHost: false, alive: false, startedAt: undefined }, false],
  ];
  for (const [what, facts, stale] of cases)
    it(`of ${what} are ${stale ? "" : "not "}stale`, () => assert.equal(isStale(lock, facts), stale));

  it("are read from the CLI's message where the backend cannot be", () => {
    const text =
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end\n" +
      "  s3://b/.pulumi/locks/x.json: created by ada@ci-7 (pid 12) at 2026-05-01T10:00:00Z\n";
    assert.deepEqual(lockFromText(text), {
      ...{ file: "s3://b/.pulumi/locks/x.json", pid: 12, username: "ada", hostname: "ci-7" },
      timestamp: "2026-05-01T10:00:00Z",
    });
    assert.equal(lockFromText("error: something else"), undefined);
  });
});

describe("a file backend", () => {
  const cases: [url: string | undefined, expected: string | undefined][] = [
    ["file:///a/b", "/a/b"],
    ["file:///a%20b?no_tmp_dir=true", "/a b"],
    ["file://~", "/home/ada"],
    ["file://~/state", "/home/ada/state"],
    ["file://./state", "/work/dir/state"],
    ["s3://bucket", undefined],
    [undefined, undefined],
  ];
  for (const [url, expected] of cases)
    it(`${url ?? "that is not set"} is in ${expected ?? "no folder"}`, () =>
      assert.equal(fileBackendDirectory({ PULUMI_BACKEND_URL: url, HOME: "/home/ada" }, "/work/dir"), expected));

  it("keeps a stack under its organization and project", () => {
    const expected = { organization: "organization", project: "p", stack: "dev" };
    assert.deepEqual(locateStack("p/dev", "/nowhere"), expected);
    assert.deepEqual(locateStack("acme/p/dev", "/nowhere"), { ...expected, organization: "acme" });
    assert.equal(locateStack("dev", "/nowhere"), undefined);
    for (const text of ["name: p\nx: 1", 'description: name: q\nname: "p" # c', "name: 'p'"])
      assert.equal(projectName(text), "p");
  });
});
