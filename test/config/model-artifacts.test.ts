import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { SlipwayError } from "../../automation/errors.ts";
import { noArtifacts } from "../../automation/release/manifest.ts";
import { modelArtifacts } from "../../config/model-artifacts.ts";
import { type ReleasedService, withRegistry } from "../../config/services.ts";
import { operationsOutputs } from "../support/operations-outputs.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const file = (digit: string) => ({ digest: digest(digit), path: `/artifacts/${digit}` });

const files = {
  functions: { training_handler: file("1") },
  layers: { modelkit: file("2") },
  jobScripts: {},
  modelCode: { model: file("3") },
  processors: {},
};
const images = { model: { digest: digest("a"), size: 1 }, predict: { digest: digest("b"), size: 1 } };
const release = { ...noArtifacts(), images };

describe("config/model-artifacts", () => {
  it("are the code of the release, and its images in the repositories of operations", () => {
    const repository = "111111111111.dkr.ecr.us-east-1.amazonaws.com/slipway";
    assert.deepEqual(modelArtifacts(files, release, operationsOutputs()), {
      code: file("3"),
      functions: files.functions,
      layers: files.layers,
      images: { model: `${repository}/model@${digest("a")}`, predict: `${repository}/predict@${digest("b")}` },
    });
  });

  const lacking: [title: string, make: () => unknown, message: RegExp, next: RegExp][] = [
    [
      "the training code",
      () => modelArtifacts({ ...files, modelCode: {} }, release, operationsOutputs()),
      /no code of the model pipeline/u,
      /Restore the folder/u,
    ],
    [
      "an image",
      () => modelArtifacts(files, { ...release, images: { predict: images.predict } }, operationsOutputs()),
      /no image model/u,
      /model\/image\/Dockerfile .* slipway:model: \{ enabled: false \}/u,
    ],
    [
      "a repository",
      () => modelArtifacts(files, release, operationsOutputs(["api", "predict"])),
      /no image repository for model/u,
      /Add model to slipway:repositories/u,
    ],
  ];
  for (const [title, make, message, next] of lacking)
    it(`says what to do about a release without ${title}`, () => {
      assert.throws(make, (error) => {
        assert.ok(error instanceof SlipwayError);
        assert.match(error.message, message);
        assert.match(String(error.next), next);
        return true;
      });
    });
});

describe("config/services: the registry", () => {
  const service = (variables: Record<string, string>) => ({ variables }) as unknown as ReleasedService;
  const services = { api: service({}), predict: service({ LOG_LEVEL: "debug" }), web: service({}) };
  const told = (registry: string | undefined, some: Record<string, ReleasedService> = services) =>
    Object.fromEntries(Object.entries(withRegistry(some, registry)).map(([name, { variables }]) => [name, variables]));

  it("is known to the services that answer from it, and to no other", () => {
    assert.deepEqual(told("s3://models/registry/housing"), {
      api: { MODEL_REGISTRY: "s3://models/registry/housing" },
      predict: { MODEL_REGISTRY: "s3://models/registry/housing", LOG_LEVEL: "debug" },
      web: {},
    });
  });

  it("is another one, or none, where the stack file says so", () => {
    const own = { api: service({ MODEL_REGISTRY: "/models" }) };
    assert.deepEqual(told("s3://models/registry/housing", own), { api: { MODEL_REGISTRY: "/models" } });
    assert.deepEqual(told(undefined), { api: {}, predict: { LOG_LEVEL: "debug" }, web: {} });
  });
});
