import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { envelopeText, parseEnvelope, type PlanEnvelope } from "../../automation/plans/envelope.ts";
import { planForEngine } from "../../automation/plans/engine-plan.ts";
import { readEnvelope, withScratchPlan, writeEnvelope } from "../../automation/plans/plan-file.ts";
import { planSteps } from "../../automation/plans/steps.ts";
import { HOUR, NOW, someEnvelope, someInputs, somePlan } from "./samples.ts";

const refusal = (code: ExitCode, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SlipwayError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  return true;
};

describe("plan envelope", () => {
  it("comes back as it was saved, the plan byte for byte", () => {
    const plan = somePlan().replace("{", "{ \n ");
    const envelope = someEnvelope(plan);
    assert.deepEqual(parseEnvelope(envelopeText(envelope), "p.json"), envelope);
    assert.equal(parseEnvelope(envelopeText(envelope), "p.json").plan, plan);
    assert.equal(envelope.expiresAt, new Date(NOW.getTime() + HOUR).toISOString());
  });

  const edits: [string, (envelope: PlanEnvelope) => unknown][] = [
    ["stack", (envelope) => ({ ...envelope, stack: "prod" })],
    ["expiry", (envelope) => ({ ...envelope, expiresAt: "2099-01-01T00:00:00Z" })],
    ["plan", (envelope) => ({ ...envelope, plan: envelope.plan.replace("create", "update") })],
    ["plan, even by white space", (envelope) => ({ ...envelope, plan: `${envelope.plan} ` })],
    ["plan digest", (envelope) => ({ ...envelope, planDigest: "0".repeat(64) })],
    ["seal", (envelope) => ({ ...envelope, seal: "0".repeat(64) })],
    [
      "input",
      (envelope) => ({ ...envelope, inputs: { ...envelope.inputs, state: { digest: "0".repeat(64), says: "" } } }),
    ],
    ["targets", (envelope) => ({ ...envelope, targets: ["urn:x"] })],
  ];
  for (const [what, edit] of edits)
    it(`whose ${what} was edited is refused`, () => {
      const text = JSON.stringify(edit(someEnvelope()));
      assert.throws(() => parseEnvelope(text, "p.json"), refusal(ExitCode.stalePlan, /was changed after it was saved/));
    });

  for (const text of ["", "no JSON", "[]", "{}", '{"schema":2}', somePlan()])
    it(`is not ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(() => parseEnvelope(text, "p.json"), refusal(ExitCode.usage, /no saved plan/));
    });

  describe("in a file", () => {
    let folder: string;
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "slipway-plan-"))));
    afterEach(() => rm(folder, { recursive: true }));

    it("is owner-readable only, also where another file was", async () => {
      const file = join(folder, "p.json");
      await writeFile(file, "old", { mode: 0o644 });
      assert.equal(await writeEnvelope(file, someEnvelope()), file);
      assert.equal((await stat(file)).mode & 0o777, 0o600);
      assert.deepEqual(await readEnvelope(file), someEnvelope());
      assert.deepEqual(await readdir(folder), ["p.json"]);
    });

    it("that is missing, or cannot be written, is said with its name", async () => {
      await assert.rejects(readEnvelope(join(folder, "none")), refusal(ExitCode.notFound, /no such plan/));
      await assert.rejects(readEnvelope(folder), refusal(ExitCode.usage, /cannot be read/));
      await assert.rejects(
        writeEnvelope(join(folder, "no", "p.json"), someEnvelope()),
        refusal(ExitCode.usage, /cannot be saved/),
      );
    });

    it("leaves no scratch plan behind, and none that others can read", async () => {
      const work = withScratchPlan(folder, async (file) => {
        assert.equal((await stat(file)).mode & 0o777, 0o600);
        assert.equal(await readFile(file, "utf8"), "");
        throw new Error("engine failed");
      });
      await assert.rejects(work, /engine failed/);
      assert.deepEqual(await readdir(join(folder, "plans")), []);
    });
  });
});

describe("plan digest", () => {
  it("is the same for two previews of the same thing", () => {
    assert.equal(someEnvelope(somePlan("1")).planDigest, someEnvelope(somePlan("2")).planDigest);
  });

  it("differs by what is to be done and by every input", () => {
    const inputs = someInputs();
    const digests = [
      someEnvelope(),
      someEnvelope(somePlan("1", "eve")),
      someEnvelope(somePlan().replace('"steps":["create"]', '"steps":["delete"]')),
      ...Object.keys(inputs).map((name) =>
        someEnvelope(somePlan(), { ...inputs, [name]: { digest: "1".repeat(64), says: "" } }),
      ),
    ].map(({ planDigest }) => planDigest);
    assert.equal(new Set(digests).size, 11);
  });
});

describe("plan for a person and for the engine", () => {
  it("names steps and properties and no value", () => {
    assert.deepEqual(planSteps(somePlan()), [
      {
        urn: "urn:pulumi:dev::lab::aws:s3/bucket:Bucket::b",
        type: "aws:s3/bucket:Bucket",
        name: "b",
        op: "create",
        properties: ["__defaults", "bucket", "password", "tags"],
      },
    ]);
  });

  it("lets pass what a component says of a resource that is not there yet, and nothing else", () => {
    const reference = (id: string) => ({
      "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e",
      id,
      urn: "urn:r",
    });
    const plan = {
      resourcePlans: { urn: { goal: { outputDiff: { adds: { role: reference(""), old: reference("r-1") } } } } },
    };
    const adds = { role: "04da6b54-80e4-46f7-96ec-b56ff0331ba9", old: reference("r-1") };
    assert.deepEqual(JSON.parse(planForEngine(JSON.stringify(plan))), {
      resourcePlans: { urn: { goal: { outputDiff: { adds } } } },
    });
    assert.deepEqual(JSON.parse(planForEngine(somePlan())), JSON.parse(somePlan()));
  });
});
