import assert from "node:assert/strict";
import { chooseTarget } from "../../automation/commands/rollback.ts";
import { irreversible, rollbackTarget } from "../../automation/deploy/rollback.ts";
import type { ResourceChange } from "../../automation/engine/summary.ts";
import { SlipwayError } from "../../automation/errors.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { commitOf, releaseOf } from "../promotion/entries.ts";

type Event = ["promoted" | "verified" | "unverified" | "broken" | "rolled-back", release: number];

const entryOf = ([kind, number]: Event): LedgerEntry => {
  const subject = { by: "ada", release: releaseOf(number), commit: commitOf(number), seconds: 1 };
  switch (kind) {
    case "promoted":
      return { ...subject, kind, verb: "promote", resources: 1, changes: {} };
    case "verified":
      return { ...subject, kind, checks: [] };
    case "unverified":
      return { ...subject, kind: "failed", stage: "verify", error: "no" };
    case "broken":
      return { ...subject, kind: "failed", stage: "deploy", error: "no", changes: { create: 1 } };
    case "rolled-back":
      return { ...subject, kind, reason: "because" };
  }
};

const ledger = (events: readonly Event[]): LedgerRecord[] =>
  events.reduce<LedgerRecord[]>(
    (records, event) => [...records, nextRecord("staging", records.at(-1), entryOf(event), new Date(0))],
    [],
  );

const wanted = { rollbackOnFailure: true };

describe("after a failure", () => {
  const table: [name: string, events: Event[], failed: number, target: number | undefined][] = [
    ["nothing was ever verified: nothing comes back", [["broken", 1]], 1, undefined],
    [
      "the last verified release comes back",
      [
        ["promoted", 1],
        ["verified", 1],
        ["promoted", 2],
        ["unverified", 2],
      ],
      2,
      1,
    ],
    [
      "not the one before, if that was bad too",
      [
        ["promoted", 1],
        ["verified", 1],
        ["promoted", 2],
        ["unverified", 2],
        ["rolled-back", 1],
        ["verified", 1],
        ["promoted", 3],
        ["unverified", 3],
      ],
      3,
      1,
    ],
    [
      "a release that failed later is no place to go back to",
      [
        ["promoted", 1],
        ["verified", 1],
        ["promoted", 2],
        ["verified", 2],
        ["unverified", 2],
        ["broken", 3],
      ],
      3,
      1,
    ],
    [
      "the failed release itself is not brought back",
      [
        ["promoted", 1],
        ["verified", 1],
        ["broken", 1],
      ],
      1,
      undefined,
    ],
  ];
  for (const [name, events, failed, target] of table)
    it(name, () => {
      const found = rollbackTarget(wanted, ledger(events), { verb: "promote", release: releaseOf(failed) });
      assert.equal(found, target === undefined ? undefined : releaseOf(target));
    });

  const verified = ledger([
    ["promoted", 1],
    ["verified", 1],
    ["unverified", 2],
  ]);

  it("of a rollback nothing is rolled back again", () => {
    assert.equal(rollbackTarget(wanted, verified, { verb: "rollback", release: releaseOf(2) }), undefined);
  });

  it("the policy has the last word", () => {
    assert.equal(
      rollbackTarget({ rollbackOnFailure: false }, verified, { verb: "promote", release: releaseOf(2) }),
      undefined,
    );
    assert.equal(rollbackTarget(undefined, verified, { verb: "up", release: releaseOf(2) }), undefined);
  });
});

describe("what a rollback does not bring back", () => {
  const change = (type: string, op: string, status = "done"): ResourceChange =>
    ({ urn: "", type, name: "data", parent: undefined, op, status, seconds: 0, diffs: [] }) as ResourceChange;

  const table: [change: ResourceChange, named: boolean][] = [
    [change("aws:s3/bucket:Bucket", "replace"), true],
    [change("aws:s3/bucket:Bucket", "delete"), true],
    [change("aws:s3/bucket:Bucket", "delete", "failed"), false],
    [change("aws:s3/bucket:Bucket", "update"), false],
    [change("aws:s3/bucketPolicy:BucketPolicy", "replace"), false],
    [change("mongodbatlas:index/streamProcessor:StreamProcessor", "replace"), true],
    [change("mongodbatlas:index/streamWorkspace:StreamWorkspace", "delete"), true],
    [change("mongodbatlas:index/streamConnection:StreamConnection", "replace"), false],
    [change("mongodbatlas:index/alertConfiguration:AlertConfiguration", "delete"), false],
    [change("aws:ec2/route:Route", "delete"), false],
  ];
  for (const [resource, named] of table)
    it(`${named ? "names" : "does not name"} ${resource.op} (${resource.status}) of ${resource.type}`, () => {
      assert.deepEqual(irreversible({ resources: [resource] }), named ? [`data (${resource.type})`] : []);
    });
});

describe("slipway rollback", () => {
  const records = ledger([
    ["promoted", 1],
    ["verified", 1],
    ["promoted", 2],
    ["verified", 2],
    ["promoted", 0x21],
    ["unverified", 0x21],
  ]);

  it("goes back to the last verified release that is not there now", () => {
    assert.equal(chooseTarget("staging", records, undefined), releaseOf(2));
    assert.equal(chooseTarget("staging", records.slice(0, 4), undefined), releaseOf(1));
  });

  it("takes a release by its id", () => assert.equal(chooseTarget("staging", records, releaseOf(1)), releaseOf(1)));

  const refusals: [name: string, records: LedgerRecord[], asked: string | undefined, message: RegExp][] = [
    ["a release that was never there", records, "ffff", /staging never had a release "ffff"/],
    ["a beginning that fits several", records, "0000", /staging had several releases "0000"/],
    ["an environment without an earlier one", records.slice(0, 2), undefined, /no earlier verified release/],
  ];
  for (const [name, known, asked, message] of refusals)
    it(`refuses ${name}`, () => {
      assert.throws(
        () => chooseTarget("staging", known, asked),
        (error) => error instanceof SlipwayError && error.code === 6 && message.test(error.message),
      );
    });
});
