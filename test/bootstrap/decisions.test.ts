import assert from "node:assert/strict";
import { addressesOf } from "../../automation/bootstrap/addresses.ts";
import { foundationProblems, type FoundationFacts } from "../../automation/bootstrap/foundation.ts";
import { decideMigration, stateFacts, type MigrationDecision } from "../../automation/bootstrap/states.ts";
import { s3Backend } from "../../automation/engine/remote-lock.ts";
import { parseS3Location } from "../../automation/store/s3-location.ts";

const keyArn = "arn:aws:kms:eu-west-1:111111111111:key/k";
const foundation = { bucket: "states", keyArn, region: "eu-west-1" };

describe("addresses of shared state", () => {
  it("name bucket, region and key", () => {
    assert.deepEqual(addressesOf(foundation, {}), {
      backend: "s3://states?region=eu-west-1",
      store: `s3://states/slipway?region=eu-west-1&kmsKey=${keyArn}`,
      secretsProvider: `awskms:///${keyArn}?region=eu-west-1`,
    });
  });

  it("carry a server that stands in for the cloud, and are read back as they were meant", () => {
    const endpoint = "http://127.0.0.1:4566";
    const { backend, store } = addressesOf(foundation, { AWS_ENDPOINT_URL: endpoint });
    const place = { bucket: "states", region: "eu-west-1", endpoint };
    assert.deepEqual(s3Backend({ PULUMI_BACKEND_URL: backend }), { ...place, prefix: "" });
    assert.deepEqual(parseS3Location(store), { ...place, prefix: "slipway/", kmsKey: keyArn });
    const tls = addressesOf(foundation, { AWS_ENDPOINT_URL_S3: "https://s3.example", AWS_ENDPOINT_URL: endpoint });
    assert.equal(s3Backend({ PULUMI_BACKEND_URL: tls.backend })?.endpoint, "https://s3.example");
  });

  const others = [undefined, "", "file:///states", "gs://states", "https://api.pulumi.com"];
  for (const url of others)
    it(`are not read from ${url}`, () => assert.equal(s3Backend({ PULUMI_BACKEND_URL: url }), undefined));

  it("may have a folder", () => assert.equal(s3Backend({ PULUMI_BACKEND_URL: "s3://b/a/c/" })?.prefix, "a/c/"));
});

describe("foundationProblems", () => {
  const policy = (statement: object) => JSON.stringify({ Statement: [statement] });
  const deny = { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } };
  const good: FoundationFacts = {
    ...{ versioning: "Enabled", encryption: { algorithm: "aws:kms", key: keyArn }, publicAccessBlocked: true },
    ...{ policy: policy(deny), keyState: "Enabled", keyRotation: true },
  };
  const cases: [string, Partial<FoundationFacts>, RegExp | undefined][] = [
    ["all as it should be", {}, undefined],
    ["the key by its id", { encryption: { algorithm: "aws:kms", key: "k" } }, undefined],
    ["a single statement", { policy: JSON.stringify({ Statement: deny }) }, undefined],
    ["no versions", { versioning: undefined }, /versioning is off/u],
    ["no encryption", { encryption: undefined }, /encryption is off/u],
    ["encryption without a key", { encryption: { algorithm: "AES256", key: undefined } }, /AES256/u],
    ["another key", { encryption: { algorithm: "aws:kms", key: `${keyArn}2` } }, /encryption/u],
    ["public access", { publicAccessBlocked: false }, /public access/u],
    ["no policy", { policy: undefined }, /TLS/u],
    ["a policy that allows", { policy: policy({ ...deny, Effect: "Allow" }) }, /TLS/u],
    ["a policy about something else", { policy: policy({ Effect: "Deny" }) }, /TLS/u],
    ["a key on its way out", { keyState: "PendingDeletion" }, /key is PendingDeletion/u],
    ["a key for good", { keyRotation: false }, /not rotated/u],
  ];
  for (const [name, change, expected] of cases)
    it(name, () => {
      const problems = foundationProblems(foundation, { ...good, ...change });
      assert.equal(problems.length, expected === undefined ? 0 : 1);
      if (expected !== undefined) assert.match(problems[0] ?? "", expected);
    });
});

describe("decideMigration", () => {
  const state = (...urns: string[]) =>
    stateFacts({ resources: urns.map((urn) => ({ urn, id: `id of ${urn}` })), secrets_providers: {} });
  const cases: [string, string[], string[], boolean, MigrationDecision][] = [
    ["an empty place", ["a", "b"], [], false, "import"],
    ["an empty place where it once was", ["a"], [], true, "import"],
    ["the very same, in another order", ["a", "b"], ["b", "a"], false, "done"],
    ["what has become of it since", ["a"], ["a", "b"], true, "done"],
    ["somebody else's", ["a"], ["a", "b"], false, "refuse"],
    ["nothing in both", [], [], false, "done"],
  ];
  for (const [name, from, to, arrived, expected] of cases)
    it(`${expected}: ${name}`, () => assert.equal(decideMigration(state(...from), state(...to), arrived), expected));

  it("takes the same resource with another id for another state", () => {
    const other = stateFacts({ resources: [{ urn: "a", id: "other" }] });
    assert.equal(decideMigration(state("a"), other, false), "refuse");
  });

  it("reads the key of a state", () => {
    assert.equal(stateFacts({ secrets_providers: { state: { url: "awskms:///x" } } }).secretsProvider, "awskms:///x");
    assert.equal(stateFacts(undefined).secretsProvider, undefined);
  });
});
