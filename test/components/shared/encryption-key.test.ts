import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { EncryptionKey, decryptBy, usedByLogs } from "../../../components/shared/encryption-key.ts";
import { policyOf, run } from "../../support/harness.ts";

const args = { environment: "dev", account: "222222222222", region: "us-east-1", purpose: "platform" };

describe("components/shared/EncryptionKey", () => {
  it("makes a rotated key and its alias, protected unless told otherwise", async () => {
    const { get, list } = await run(() => void new EncryptionKey("k", args));
    assert.deepEqual(list(), ["aws:kms/alias:Alias k-alias", "aws:kms/key:Key k-key", "slipway:index:EncryptionKey k"]);
    const key = get("aws:kms/key:Key", "k-key");
    assert.deepEqual(key.inputs, {
      description: "Slipway dev: platform",
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      policy: key.inputs.policy,
    });
    assert.deepEqual([key.protect, key.retainOnDelete], [true, true]);
    assert.deepEqual(get("aws:kms/alias:Alias", "k-alias").inputs, {
      name: "alias/slipway/dev/platform",
      targetKeyId: "k-key",
    });
  });

  it("lets the account administer, and beyond it exactly those named", async () => {
    const statements = [decryptBy(["arn:aws:iam::333333333333:root"]), usedByLogs(args.account, args.region, "aws")];
    const { get } = await run(() => void new EncryptionKey("k", { ...args, statements, removal: "destroy" }));
    const key = get("aws:kms/key:Key", "k-key");
    assert.equal(key.protect, false);
    assert.deepEqual(
      policyOf(key).Statement.map(({ Sid, Principal, Action, Condition }) => ({ Sid, Principal, Action, Condition })),
      [
        {
          Sid: "AdministeredByAccount",
          Principal: { AWS: ["arn:aws:iam::222222222222:root"] },
          Action: ["kms:*"],
          Condition: undefined,
        },
        {
          Sid: "DecryptByEnvironments",
          Principal: { AWS: ["arn:aws:iam::333333333333:root"] },
          Action: ["kms:Decrypt", "kms:DescribeKey"],
          Condition: undefined,
        },
        {
          Sid: "UsedByCloudWatchLogs",
          Principal: { Service: ["logs.us-east-1.amazonaws.com"] },
          Action: [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
            "kms:GenerateDataKey",
            "kms:DescribeKey",
          ],
          Condition: {
            ArnLike: { "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:222222222222:log-group:*" },
          },
        },
      ],
    );
  });

  it("applies a caller's transform to the key", async () => {
    const transform = { key: { deletionWindowInDays: 7 } };
    const { get } = await run(() => void new EncryptionKey("k", { ...args, transform }));
    assert.equal(get("aws:kms/key:Key", "k-key").inputs.deletionWindowInDays, 7);
  });
});
