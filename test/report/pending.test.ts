import assert from "node:assert/strict";
import { pendingLines } from "../../automation/report/pending.ts";

const urn = "urn:pulumi:dev::slipway::slipway:index:Network$aws:ec2/vpc:Vpc::network";

describe("an operation that was cut off", () => {
  it("is named with its import command where it may have left something behind", () => {
    assert.deepEqual(pendingLines("dev", [{ urn, type: "creating", id: undefined }]), [
      "creating network (aws:ec2/vpc:Vpc) was cut off: look whether network exists; where it does, pulumi import aws:ec2/vpc:Vpc network <id> --stack dev; then pulumi refresh --stack dev --clear-pending-creates",
    ]);
  });

  it("needs nothing where the next run settles it", () => {
    assert.deepEqual(pendingLines("dev", [{ urn, type: "deleting", id: "vpc-1" }]), [
      "deleting network (aws:ec2/vpc:Vpc) was cut off: this run settles it",
    ]);
  });
});
