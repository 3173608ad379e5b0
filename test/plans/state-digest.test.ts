import assert from "node:assert/strict";
import type { StateResource } from "../../automation/engine/checkpoint.ts";
import { stateDigest } from "../../automation/plans/state-digest.ts";

const bucket: StateResource = {
  urn: "urn:pulumi:dev::p::aws:s3/bucket:Bucket::b",
  type: "aws:s3/bucket:Bucket",
  id: "b",
  inputs: { tags: { owner: "ada", team: "ml" } },
  created: "2026-01-01T00:00:00Z",
  modified: "2026-01-01T00:00:00Z",
  sourcePosition: "project:///index.ts#1,2",
};
const key: StateResource = { urn: "urn:pulumi:dev::p::aws:kms/key:Key::k", type: "aws:kms/key:Key", id: "k" };
const pending = [{ operation: "creating", urn: key.urn, type: key.type, id: undefined }];
const base = stateDigest({ resources: [bucket, key], pending: [] });

describe("digest of a state", () => {
  const same: [string, StateResource[]][] = [
    ["another order", [key, bucket]],
    ["another order of members", [{ ...bucket, inputs: { tags: { team: "ml", owner: "ada" } } }, key]],
    ["other times and lines", [{ ...bucket, modified: "2026-02-02T00:00:00Z", sourcePosition: "x" }, key]],
  ];
  for (const [what, resources] of same)
    it(`is the same for ${what}`, () => assert.equal(stateDigest({ resources, pending: [] }), base));

  const other: [string, Parameters<typeof stateDigest>[0]][] = [
    ["a value", { resources: [{ ...bucket, inputs: { tags: { owner: "eve", team: "ml" } } }, key], pending: [] }],
    ["an id", { resources: [bucket, { ...key, id: "k2" }], pending: [] }],
    ["one resource less", { resources: [bucket], pending: [] }],
    ["one that waits for deletion", { resources: [bucket, key, { ...key, delete: true }], pending: [] }],
    ["an operation of unknown outcome", { resources: [bucket, key], pending }],
  ];
  for (const [what, state] of other) it(`differs by ${what}`, () => assert.notEqual(stateDigest(state), base));
});
