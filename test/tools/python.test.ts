import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { requirementsDigest, selectWorkloads } from "../../tools/testing/python.ts";
import { dataWorkload, runWorkload, serviceWorkload } from "../../tools/testing/workload.ts";

const report = (failures: number) =>
  `<testsuites><testsuite name="pytest" errors="0" failures="${failures}" skipped="0" tests="5"></testsuite></testsuites>`;

/** A stand-in for Python: the module after `-m` decides how it ends, and pytest leaves a report of five tests. */
const script = (codes: Record<string, number>, xml: string) => `#!/bin/sh
echo "$PWD $*" >> "$CALLS"
for word in "$@"; do case "$word" in --junitxml=*) printf '%s' '${xml}' > "\${word#--junitxml=}" ;; esac; done
case "$2 $3" in ${Object.entries(codes)
  .map(([start, code]) => `"${start}"*) exit ${code} ;;`)
  .join(" ")} esac
exit 0
`;

describe("requirementsDigest", () => {
  let root: string;
  const write = async (name: string, text: string) => {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  };

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-requirements-"));
    for (const name of ["requirements-dev.txt", "requirements-sandbox.txt", "services/api/requirements.txt"])
      await write(name, "a==1\n");
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("is the same for the same files", async () => {
    assert.equal(await requirementsDigest(root), await requirementsDigest(root));
  });

  for (const name of [
    "requirements-sandbox.txt",
    "services/api/requirements.txt",
    "data/requirements.txt",
    "model/image/requirements.txt",
  ])
    it(`changes with ${name}`, async () => {
      const before = await requirementsDigest(root);
      await write(name, "a==2\n");
      assert.notEqual(await requirementsDigest(root), before);
    });
});

describe("runWorkload", () => {
  let root: string;
  let said: string[];

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-data-checks-"));
    await mkdir(path.join(root, "data"));
    said = [];
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function check(codes: Record<string, number>, xml = report(0), workload = dataWorkload) {
    const python = path.join(root, "python");
    await writeFile(python, script(codes, xml));
    await chmod(python, 0o755);
    const environment = { ...process.env, CALLS: path.join(root, "calls") };
    return runWorkload(python, workload, { root, environment, say: (line) => said.push(line) });
  }

  it("counts lint, format, types and coverage beside the tests", async () => {
    assert.deepEqual(await check({}), { passed: 5 + 4, failed: 0, skipped: [] });
    assert.deepEqual(said, []);
  });

  for (const [name, start] of [
    ["ruff check", "ruff check"],
    ["ruff format", "ruff format"],
    ["mypy", "mypy"],
  ] as const)
    it(`fails when ${name} fails, and runs the rest`, async () => {
      assert.deepEqual(await check({ [start]: 1 }), { passed: 5 + 3, failed: 1, skipped: [] });
      assert.deepEqual(said, [`  FAIL ${name} of data ended with 1`]);
    });

  it("counts failed tests once", async () => {
    assert.deepEqual(await check({ pytest: 1 }, report(2)), { passed: 3 + 3, failed: 2, skipped: [] });
  });

  it("fails when only the coverage is too low", async () => {
    assert.deepEqual(await check({ pytest: 1 }), { passed: 5 + 3, failed: 1, skipped: [] });
    assert.match(said.join("\n"), /coverage of data: .* at least 90 %/);
  });

  it("looks at a service in its own folder, with a cache of types of its own", async () => {
    await mkdir(path.join(root, "services", "api"), { recursive: true });
    assert.equal((await check({}, report(0), serviceWorkload("services/api"))).failed, 0);
    const calls = (await readFile(path.join(root, "calls"), "utf8")).trim().split("\n");
    assert.equal(calls.length, 4);
    for (const call of calls) assert.ok(call.startsWith(`${path.join(root, "services", "api")} -m `), call);
    assert.match(calls[2] ?? "", /--cache-dir=\S*\.venv\/mypy\/services-api app$/);
    assert.match(calls[3] ?? "", /--cov-fail-under=90/);
    assert.ok(calls[3]?.includes(`--cov-report=xml:${path.join(root, "coverage", "services-api.xml")} `), calls[3]);
  });

  it("throws when no test ran", async () => {
    await assert.rejects(check({ pytest: 5 }, ""), /ended with 5 and ran no test/);
  });
});

describe("selectWorkloads", () => {
  const all = [serviceWorkload("services/api"), dataWorkload];

  it("gives those that were asked for, and all where none was", () => {
    assert.deepEqual(selectWorkloads(all, []), all);
    assert.deepEqual(selectWorkloads(all, ["data"]), [dataWorkload]);
  });

  it("refuses a folder that is none, so that a typo does not pass for a test", () => {
    assert.throws(() => selectWorkloads(all, ["dta"]), /no Python workload "dta".*services\/api, data/u);
  });
});
