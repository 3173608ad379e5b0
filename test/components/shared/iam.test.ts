import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import * as iam from "../../../components/shared/iam.ts";
import { promised } from "../../support/harness.ts";

const document = async (output: pulumi.Output<string>): Promise<unknown> =>
  JSON.parse(await promised(output)) as unknown;

describe("components/shared/iam", () => {
  it("renders a statement with every part", async () => {
    const policy = iam.policyDocument([
      {
        sid: "Read",
        principals: { AWS: "arn:aws:iam::111111111111:root" },
        actions: ["s3:GetObject"],
        resources: [pulumi.output("arn:aws:s3:::b/*")],
        conditions: { Bool: { "aws:SecureTransport": "true" } },
      },
    ]);
    assert.deepEqual(await document(policy), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Read",
          Effect: "Allow",
          Principal: { AWS: ["arn:aws:iam::111111111111:root"] },
          Action: ["s3:GetObject"],
          Resource: ["arn:aws:s3:::b/*"],
          Condition: { Bool: { "aws:SecureTransport": "true" } },
        },
      ],
    });
  });

  it("keeps a secret inside a document secret", async () => {
    const policy = iam.policyDocument([{ sid: "S", actions: ["s3:GetObject"], resources: [pulumi.secret("arn:x")] }]);
    assert.equal(await pulumi.isSecret(policy), true);
  });

  const wide: [title: string, statement: iam.Statement][] = [
    ["any action", { sid: "S", actions: ["*"], resources: ["arn:x"] }],
    ["any action of a service", { sid: "S", actions: ["s3:*"], resources: ["arn:x"] }],
    ["any resource", { sid: "S", actions: ["s3:GetObject"], resources: ["*"] }],
  ];
  for (const [title, statement] of wide) {
    it(`refuses to allow ${title} without a reason`, () => {
      assert.throws(
        () => iam.policyDocument([statement]),
        /^RangeError: statement S allows .* without a wildcardReason\.$/,
      );
    });
    it(`allows ${title} with a reason, and denies it without one`, async () => {
      const effects = iam.policyDocument([
        { ...statement, wildcardReason: "because" },
        { ...statement, effect: "Deny" },
      ]);
      const { Statement } = (await document(effects)) as { Statement: { Effect: string; wildcardReason?: string }[] };
      assert.deepEqual(
        Statement.map(({ Effect, wildcardReason }) => [Effect, wildcardReason]),
        [
          ["Allow", undefined],
          ["Deny", undefined],
        ],
      );
    });
  }

  it("ties a service's trust to the account", async () => {
    assert.deepEqual(await document(iam.serviceTrust("x.amazonaws.com", "111111111111")), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AssumedByService",
          Effect: "Allow",
          Principal: { Service: ["x.amazonaws.com"] },
          Action: ["sts:AssumeRole"],
          Condition: { StringEquals: { "aws:SourceAccount": "111111111111" } },
        },
      ],
    });
  });

  it("names accounts and managed policies in the region's partition", () => {
    assert.equal(iam.accountPrincipal("111111111111", "cn-north-1"), "arn:aws-cn:iam::111111111111:root");
    assert.equal(iam.managedPolicy("ReadOnlyAccess", "us-east-1"), "arn:aws:iam::aws:policy/ReadOnlyAccess");
  });
});
