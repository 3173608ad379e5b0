import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { CreateModelPackageGroupCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { ExitCode, SlipwayError } from "../../../automation/errors.ts";
import { documentText } from "../../../automation/model/registry/documents.ts";
import { decisionFor } from "../../../automation/model/registry/registry.ts";
import { SageMakerRegistry } from "../../../automation/model/registry/sagemaker.ts";
import { answers, freePort } from "../../../sandbox/live/emulator.ts";
import { ensureVenv } from "../../../tools/testing/python.ts";
import { bucket, RegistryLab, sha256, versionWith, type MadeModel } from "./registry-lab.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const group = "slipway-lab-housing";
const now = new Date("2026-01-02T03:04:05Z");

/** SageMaker as moto has it: an emulator by people who never saw this code. */
describe("SageMaker's model registry", function () {
  this.timeout(120_000);
  let lab: RegistryLab;
  let server: ChildProcess;
  let registry: SageMakerRegistry;
  let endpoint: string;
  const connection = () => ({
    region: "us-east-1",
    endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const open = (name: string) =>
    new SageMakerRegistry({
      connection: connection(),
      group: name,
      name: "housing",
      objects: lab.objects,
      mirror: `s3://${bucket}/registry/${name}`,
      mirrorPatienceMs: 250,
    });

  before(async () => {
    const python = await ensureVenv({ root, environment: process.env, say: () => undefined });
    const port = await freePort();
    endpoint = `http://127.0.0.1:${port}`;
    lab = await RegistryLab.open();
    server = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    assert.ok(await answers(server, `${endpoint}/moto-api/`));
    const client = new SageMakerClient(connection());
    await client.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: group }));
    client.destroy();
    registry = open(group);
  });
  after(async () => {
    await registry.close();
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
    await lab.remove();
  });

  const register = async (made: MadeModel) => registry.register({ request: await lab.request(made), now });

  it("takes the step's own request, and gives the version back", async () => {
    const { version, created, arn } = await register({ status: "PendingManualApproval" });
    assert.deepEqual([version.version, version.status, created], [1, "PendingManualApproval", true]);
    assert.match(arn, /:model-package\/slipway-lab-housing\/1$/);
    const [listed] = await registry.list();
    assert.deepEqual({ ...listed, createdAt: "" }, { ...version, createdAt: "" });
    assert.equal(listed?.artifact.sha256, sha256("model"));
    assert.deepEqual((await registry.evaluation(version)).predictions.length, 2);
  });

  it("registers the same model once", async () => {
    const again = await register({ execution: "execution002", status: "PendingManualApproval" });
    assert.deepEqual([again.version.version, again.created], [1, false]);
    assert.equal((await registry.list()).length, 1);
  });

  it("believes the mirror about the package that it speaks of, and about no other", async () => {
    const { version } = await register({ execution: "execution003", model: "three" });
    const mirror = (changes: object) =>
      lab.objects.write(
        { bucket, key: `registry/${group}/versions/2.json` },
        documentText({ ...versionWith({ ...version, metrics: { r2: 0.5 } }), ...changes }),
      );
    await mirror({ status: "Rejected" });
    const told = await registry.get(2);
    assert.deepEqual([told.metrics, told.status], [{ r2: 0.5 }, "Approved"]);
    await mirror({ lineage: { ...version.lineage, execution: "of another group of this name" } });
    assert.deepEqual((await registry.get(2)).metrics, { r2: 0.83, rmse: 20_000 });
  });

  it("is seen by services once the mirror says the same", async () => {
    const version = await registry.get(2);
    const { signal } = new AbortController();
    assert.equal(await registry.visible(version, signal), false);
    const document = { bucket, key: `registry/${group}/versions/2.json` };
    await lab.objects.write(document, documentText(version));
    assert.equal(await registry.visible(version, signal), true);
    assert.equal(await registry.visible({ ...version, status: "Rejected" }, signal), false);
  });

  it("says which versions there are where one is not", async () => {
    await assert.rejects(registry.get(9), (error) => {
      assert.ok(error instanceof SlipwayError);
      return error.code === ExitCode.notFound && /Use one of: 1, 2/.test(error.next ?? "");
    });
  });

  it("says so where the service refuses", async () => {
    const absent = open("absent");
    const request = await lab.request({ group: "absent" });
    await assert.rejects(absent.register({ request, now }), (error) => {
      assert.ok(error instanceof SlipwayError);
      return error.code === ExitCode.resourceFailed && /SageMaker refuses: .*Group does not exist/.test(error.message);
    });
    await absent.close();
  });

  // The last one: unlike AWS, moto forgets the metadata of a package that is updated.
  it("takes a decision on, with who and why", async () => {
    const decision = decisionFor(
      await registry.get(1),
      { status: "Approved", reason: "seen" },
      "A <a@b.c>",
      now,
      "here",
    );
    assert.ok(decision);
    assert.equal((await registry.decide(1, decision)).status, "Approved");
    const [recorded] = await registry.decisions(1);
    assert.deepEqual([recorded?.status, recorded?.by, recorded?.reason], ["Approved", "A <a@b.c>", "seen"]);
  });
});
