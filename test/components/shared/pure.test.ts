import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as naming from "../../../components/shared/naming.ts";
import { type DataClass, type Removal, protectionOf } from "../../../components/shared/protection.ts";
import { commonTags } from "../../../components/shared/tags.ts";
import { type Transform, transform } from "../../../components/shared/transform.ts";
import { problem } from "../../../components/shared/validation.ts";

describe("components/shared/naming", () => {
  const names: [string, string][] = [
    [naming.bucketName("state", "111111111111", "us-east-1"), "slipway-state-111111111111-us-east-1"],
    [naming.clusterName("dev"), "slipway-dev"],
    [naming.repositoryName("api"), "slipway/api"],
    [naming.keyAlias("prod", "platform"), "alias/slipway/prod/platform"],
    [naming.controlPlaneLogGroup("slipway-dev"), "/aws/eks/slipway-dev/cluster"],
    [naming.flowLogGroup("dev"), "/slipway/dev/flow-logs"],
    [naming.databaseName("dev", "lake-house"), "slipway_dev_lake_house"],
    [naming.functionLogGroup("slipway-dev-f"), "/aws/lambda/slipway-dev-f"],
    [naming.secretName("dev", "data", "source"), "slipway/dev/data/source"],
    [naming.partitionOf("us-east-1"), "aws"],
    [naming.partitionOf("cn-north-1"), "aws-cn"],
    [naming.partitionOf("us-gov-west-1"), "aws-us-gov"],
  ];
  for (const [name, expected] of names) it(`makes ${expected}`, () => assert.equal(name, expected));

  it("accepts a bucket name of 63 characters and refuses one of 64", () => {
    const purpose = "x".repeat(63 - "slipway--111111111111-us-east-1".length);
    assert.equal(naming.bucketName(purpose, "111111111111", "us-east-1").length, 63);
    assert.throws(() => naming.bucketName(`${purpose}x`, "111111111111", "us-east-1"), /has 64 characters, at most 63/);
  });
});

describe("components/shared/protection", () => {
  const table: [DataClass, Removal, boolean, boolean][] = [
    ["data", "retain", true, true],
    ["key", "retain", true, true],
    ["control-plane", "retain", true, false],
    ["network", "retain", true, false],
    ["rebuildable", "retain", false, false],
    ["data", "destroy", false, false],
    ["key", "destroy", false, false],
    ["control-plane", "destroy", false, false],
  ];
  for (const [dataClass, removal, protect, retainOnDelete] of table) {
    it(`${dataClass} under ${removal}: protect ${protect}, keep ${retainOnDelete}`, () => {
      assert.deepEqual(protectionOf(dataClass, removal), { protect, retainOnDelete });
    });
  }
});

describe("components/shared/tags", () => {
  it("lets a stack name owner and cost centre but no other project, environment or manager", () => {
    const tags = { owner: "search", team: "x", project: "p", environment: "e", "managed-by": "hand" };
    assert.deepEqual(commonTags({ environment: "dev", tags }), {
      owner: "search",
      "cost-center": "platform",
      team: "x",
      project: "slipway",
      environment: "dev",
      "managed-by": "pulumi",
    });
  });
});

describe("components/shared/transform", () => {
  interface Args {
    size: number;
    name?: string;
  }
  const defaults: Args = Object.freeze({ size: 1, name: "a" });
  const opts = Object.freeze({ protect: true });
  const cases: [title: string, change: Transform<Args> | undefined, args: Args, options: object][] = [
    ["nothing", undefined, { size: 1, name: "a" }, { protect: true }],
    ["arguments", { size: 2 }, { size: 2, name: "a" }, { protect: true }],
    [
      "a function of the arguments",
      (args) => ({ args: { ...args, size: args.size + 4 } }),
      { size: 5, name: "a" },
      opts,
    ],
    ["options", (args) => ({ args, opts: { protect: false } }), { size: 1, name: "a" }, { protect: false }],
    ["the child's name", (args, _, name) => ({ args: { ...args, name } }), { size: 1, name: "child" }, opts],
  ];
  for (const [title, change, args, options] of cases) {
    it(`applies ${title}`, () =>
      assert.deepEqual(transform(change, "child", defaults, opts), ["child", args, options]));
  }

  it("hands a function copies, so it cannot change the defaults", () => {
    transform<Args>(
      (args, options) => {
        args.size = 9;
        options.protect = false;
        return { args };
      },
      "child",
      defaults,
      opts,
    );
    assert.deepEqual([defaults, opts], [{ size: 1, name: "a" }, { protect: true }]);
  });
});

describe("components/shared/validation", () => {
  it("says field, value, rule and what to do", () => {
    assert.equal(problem("port", 0, "a port", "Correct it."), "`port`: got 0, expected a port. Correct it.");
  });
});
