import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ExitCode, SlipwayError } from "../../../automation/errors.ts";
import { approvedSchema, indexSchema, parseDocument } from "../../../automation/model/registry/documents.ts";
import { FolderRegistry } from "../../../automation/model/registry/folder.ts";
import type { Wish } from "../../../automation/model/registry/registry.ts";
import { decisionFor } from "../../../automation/model/registry/registry.ts";
import { ValueError } from "../../../automation/model/local/values.ts";
import { RegistryLab, sha256, type MadeModel } from "./registry-lab.ts";

const now = new Date("2026-01-02T03:04:05.678Z");

describe("a model registry in a folder", () => {
  let lab: RegistryLab;
  let registry: FolderRegistry;
  beforeEach(async () => {
    lab = await RegistryLab.open();
    registry = open();
  });
  afterEach(() => lab.remove());

  const folder = (...parts: string[]) => join(lab.directory, "registry", ...parts);
  const open = () =>
    new FolderRegistry({ directory: folder(), group: "slipway-lab-housing", name: "housing", objects: lab.objects });
  const register = async (made: MadeModel = {}) => registry.register({ request: await lab.request(made), now });
  const decide = async (version: number, wish: Wish) => {
    const decision = decisionFor(await registry.get(version), wish, "Tester", now, "here");
    assert.ok(decision);
    return registry.decide(version, decision);
  };
  const index = async () => parseDocument(indexSchema, await readFile(folder("index.json")), "index.json");
  const serving = async () =>
    existsSync(folder("approved.json"))
      ? parseDocument(approvedSchema, await readFile(folder("approved.json")), "approved.json").version
      : undefined;

  it("keeps a model with its bytes, its measures and where it is from", async () => {
    const { version, created } = await register();
    assert.deepEqual([version.version, created, version.createdAt], [1, true, "2026-01-02T03:04:05Z"]);
    assert.equal(version.artifact.uri, `artifacts/${sha256("model")}/model.tar.gz`);
    assert.equal(await readFile(folder(version.artifact.uri), "utf8"), "model");
    assert.deepEqual(version.metrics, { r2: 0.83, rmse: 20_000 });
    assert.deepEqual(version.lineage, {
      data: "s3://lab-bucket/inputs/7-run/manifest.json",
      code: `sha256:${sha256("code")}`,
      execution: "execution001",
    });
    const { predictions, algorithm, hyperparameters, data } = await registry.evaluation(version);
    assert.deepEqual(predictions, [
      { actual: 100, predicted: 110 },
      { actual: 200, predicted: 190 },
    ]);
    assert.deepEqual([algorithm, hyperparameters, data?.rows], ["ridge", { alpha: 1 }, 9]);
  });

  it("serves what is approved last, and nothing where nothing is", async () => {
    await register({ status: "Rejected", r2: 0.2 });
    assert.deepEqual([await serving(), (await index()).map(({ status }) => status)], [undefined, ["rejected"]]);
    await register({ execution: "execution002", model: "two" });
    await register({ execution: "execution003", model: "three", status: "PendingManualApproval" });
    assert.deepEqual(
      [await serving(), (await index()).map(({ status }) => status)],
      [2, ["rejected", "serving", "candidate"]],
    );
    await decide(3, { status: "Approved", reason: "looked at" });
    assert.deepEqual(
      [await serving(), (await index()).map(({ status }) => status)],
      [3, ["rejected", "retired", "serving"]],
    );
    await decide(3, { status: "Rejected", reason: "too slow" });
    await decide(2, { status: "Rejected", reason: "as well" });
    assert.equal(await serving(), undefined);
  });

  it("records who decided what, and why", async () => {
    await register({ status: "PendingManualApproval" });
    await decide(1, { status: "Approved", reason: "looked at" });
    await decide(1, { status: "Rejected", reason: "second thoughts" });
    assert.deepEqual(await registry.decisions(1), [
      { status: "Approved", by: "Tester", at: now.toISOString(), reason: "looked at", override: false },
      { status: "Rejected", by: "Tester", at: now.toISOString(), reason: "second thoughts", override: false },
    ]);
    assert.deepEqual(await registry.decisions(2), []);
  });

  it("registers the same model once, and keeps a person's no", async () => {
    await register();
    await decide(1, { status: "Rejected", reason: "no" });
    const again = await register({ execution: "execution002" });
    assert.deepEqual([again.version.version, again.version.status, again.created], [1, "Rejected", false]);
    assert.equal((await readdir(folder("versions"))).length, 1);
  });

  const others: [name: string, made: MadeModel][] = [
    ["other bytes", { model: "another" }],
    ["another measure", { r2: 0.84 }],
    ["another threshold", { threshold: "0.7" }],
  ];
  for (const [name, made] of others)
    it(`takes ${name} for another model`, async () => {
      await register();
      const { version, created } = await register({ ...made, execution: "execution002" });
      assert.deepEqual([version.version, created], [2, true]);
    });

  it("gives each of many at a time a number of its own, and ends in line", async () => {
    const many = Array.from({ length: 8 }, (_, at) => ({ model: `model ${at}`, execution: `execution10${at}` }));
    const requests = await Promise.all(many.map((made) => lab.request(made)));
    const made = await Promise.all(requests.map((request) => open().register({ request, now })));
    assert.deepEqual(made.map(({ version }) => version.version).sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual([(await index()).length, await serving()], [8, 8]);
  });

  const broken: [
    name: string,
    change: (request: Awaited<ReturnType<RegistryLab["request"]>>) => void,
    problem: RegExp,
  ][] = [
    ["without its evaluation", (request) => delete request.ModelMetrics, /ModelMetrics\.ModelQuality\.Statistics/],
    [
      "without its model",
      (request) => (request.InferenceSpecification.Containers[0]!.ModelDataUrl = "s3://lab-bucket/no"),
      /there is no model at/,
    ],
    ["of an unknown metric", (request) => (request.CustomerMetadataProperties["metric"] = "rmse"), /threshold\.metric/],
    [
      "with a threshold beyond 1",
      (request) => (request.CustomerMetadataProperties["threshold"] = "60"),
      /threshold\.minimum/,
    ],
    ["without a threshold", (request) => delete request.CustomerMetadataProperties["threshold"], /threshold\.minimum/],
    ["without lineage", (request) => delete request.CustomerMetadataProperties["data"], /lineage\.data/],
  ];
  for (const [name, change, problem] of broken)
    it(`refuses a package ${name}`, async () => {
      const request = await lab.request();
      change(request);
      await assert.rejects(
        registry.register({ request, now }),
        (error) => error instanceof ValueError && problem.test(error.message),
      );
      assert.deepEqual(await registry.list(), []);
    });

  it("says which versions there are where one is not", async () => {
    await register();
    await assert.rejects(registry.get(7), (error) => {
      assert.ok(error instanceof SlipwayError);
      assert.deepEqual([error.code, error.message], [ExitCode.notFound, "There is no version 7 of the model."]);
      return /Use one of: 1/.test(error.next ?? "");
    });
  });

  it("names a document that somebody broke", async () => {
    await register();
    await writeFile(folder("versions", "1.json"), '{"schema": 1}');
    await assert.rejects(registry.list(), /cannot be read: .*group/);
  });
});
