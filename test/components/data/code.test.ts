import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { LakeCode, codeHash, codeKey, codeOf, validateArtifacts } from "../../../components/data/code.ts";
import { run } from "../../support/harness.ts";
import { args } from "./fixture.ts";

describe("components/data/LakeCode", () => {
  const { artifacts } = args;
  const { tableFormat } = args.settings;
  const objectType = "aws:s3/bucketObjectv2:BucketObjectv2";

  it("puts code under keys of its content, and never takes it away again", async () => {
    const { ofType } = await run(() => void new LakeCode("code", { bucket: "slipway-code", artifacts, tableFormat }));
    const objects = ofType(objectType);
    assert.deepEqual(objects.map(({ inputs }) => inputs.key).sort(), [
      `functions/catalog/${"1".repeat(64)}.zip`,
      `functions/publish/${"3".repeat(64)}.zip`,
      `functions/quality_gate/${"2".repeat(64)}.zip`,
      `functions/quarantine/${"4".repeat(64)}.zip`,
      `functions/validate/${"0".repeat(64)}.zip`,
      `layers/lakehouse/${"a".repeat(64)}.zip`,
      `libraries/lakehouse/${"b".repeat(64)}.zip`,
      `scripts/daily_features/${"6".repeat(64)}.py`,
      `scripts/quality/${"7".repeat(64)}.py`,
      `scripts/raw_to_processed/${"5".repeat(64)}.py`,
    ]);
    for (const { inputs, protect, retainOnDelete } of objects) {
      assert.equal(inputs.bucket, "slipway-code");
      assert.deepEqual([protect, retainOnDelete], [false, true]);
    }
  });

  it("leaves out what other pipelines run", async () => {
    const other = { digest: `sha256:${"c".repeat(64)}`, path: import.meta.filename };
    const more = {
      ...artifacts,
      functions: { ...artifacts.functions, other },
      jobScripts: { ...artifacts.jobScripts, other },
    };
    const { ofType } = await run(
      () => void new LakeCode("code", { bucket: "slipway-code", artifacts: more, tableFormat }),
    );
    assert.equal(ofType(objectType).length, 10);
  });

  it("says the digest as Lambda does", () => {
    assert.equal(codeHash(`sha256:${"00".repeat(31)}ff`), `${"A".repeat(41)}P8=`);
    assert.equal(codeKey("scripts", "quality", "sha256:00"), "scripts/quality/00.py");
  });

  it("finds code that is missing or has no digest", () => {
    const { validate: _, ...functions } = artifacts.functions;
    const wrong = { ...artifacts, functions, layer: { digest: "sha256:1", path: "x" }, jobScripts: {} };
    const missing = (field: string) => `\`artifacts.${field}\`: got null, expected its code. Add it to the release.`;
    assert.deepEqual(validateArtifacts(wrong, tableFormat), [
      missing("functions.validate"),
      '`artifacts.layer.digest`: got "sha256:1", expected sha256: and 64 hex digits. Correct it.',
      missing("jobScripts.raw_to_processed"),
      missing("jobScripts.daily_features"),
      missing("jobScripts.quality"),
    ]);
    assert.deepEqual(validateArtifacts(artifacts, tableFormat), []);
    assert.throws(() => codeOf({}, "x"), /^RangeError: there is no code of x\.$/);
  });
});
