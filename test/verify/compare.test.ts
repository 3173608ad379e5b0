import assert from "node:assert/strict";
import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { differences, summaryOf, told, type Findings } from "../../automation/verify/pipeline/compare.ts";
import type { Expected, RunReport } from "../../automation/verify/pipeline/documents.ts";
import { failureReason } from "../../automation/verify/pipeline/execution.ts";
import { verificationId } from "../../automation/verify/kinds/state-machine.ts";

const columns = [
  { name: "order_id", type: "string" },
  { name: "status", type: "string" },
];
const checksum = "00000000000000aa";
const orders = { rows: 941, partitions: 28, checksum };

const expected: Expected = {
  schema: 1,
  files: {},
  datasets: {
    orders: { ...orders, read: 1000, new: 941, replaced: 0, quarantined: { missing_value: 50, late_row: 9 }, columns },
    features: { rows: 3, partitions: 1, checksum: "00000000000000bb", quarantined: {}, columns },
  },
};

const report = (): RunReport => ({
  schema: 1,
  runId: "r",
  outcome: "published",
  files: { rejected: [] },
  datasets: {
    orders: { ...orders, read: 1000, new: 941, replaced: 0, quarantined: { missing_value: 50, late_row: 9 } },
    features: { rows: 3, partitions: 1, checksum: "00000000000000bb", quarantined: {} },
  },
});

const findings = (): Findings => ({
  tables: {
    orders: { ...orders, columns },
    features: { rows: 3, partitions: 1, checksum: "00000000000000bb", columns },
  },
  quarantined: { orders: { missing_value: 50, late_row: 9 } },
});

/** What both documents have of one dataset, changed. */
type Change = (report: RunReport, findings: Findings) => void;
const reported =
  (change: object): Change =>
  (said) =>
    void Object.assign(said.datasets["orders"] ?? {}, change);
const found =
  (change: object): Change =>
  (_, seen) =>
    void Object.assign(seen.tables["orders"] ?? {}, change);

describe("a run of a sample", () => {
  it("that is as expected differs in nothing", () => {
    assert.deepEqual(differences(expected, report(), findings()), []);
  });

  const table: [title: string, change: Change, differences: string[]][] = [
    [
      "was not published",
      (said) => (said.outcome = "quarantined"),
      ["report: outcome: expected published, got quarantined"],
    ],
    [
      "refused a file",
      (said) => said.files.rejected.push({ key: "incoming/orders/orders.csv", reason: "not_utf8" }),
      ["report: file incoming/orders/orders.csv: rejected for not_utf8"],
    ],
    ["says another count", reported({ read: 999 }), ["orders: read in the report: expected 1000, got 999"]],
    ["says no count", reported({ new: undefined }), ["orders: new in the report: expected 941, got none"]],
    [
      "says another checksum",
      reported({ checksum: "00000000000000ab" }),
      ["orders: checksum in the report: expected 00000000000000aa, got 00000000000000ab"],
    ],
    [
      "quarantined for other reasons by its own words",
      reported({ quarantined: { missing_value: 51, out_of_range: 8 } }),
      [
        "orders: quarantined in the report (late_row): expected 9, got 0",
        "orders: quarantined in the report (missing_value): expected 50, got 51",
        "orders: quarantined in the report (out_of_range): expected 0, got 8",
      ],
    ],
    [
      "left a table out of its report",
      (said) => delete said.datasets["features"],
      ["features: expected in the report, got nothing"],
    ],
    ["has fewer rows in its files", found({ rows: 940 }), ["orders: rows: expected 941, got 940"]],
    ["has other partitions", found({ partitions: 27 }), ["orders: partitions: expected 28, got 27"]],
    [
      "has other contents in its files",
      found({ checksum: "00000000000000ac" }),
      ["orders: checksum: expected 00000000000000aa, got 00000000000000ac"],
    ],
    [
      "has other columns, which says it all",
      found({
        columns: [
          { name: "status", type: "int" },
          { name: "extra", type: "date" },
        ],
        checksum: "0000000000000000",
      }),
      [
        "orders: column order_id: expected string, got none",
        "orders: column status: expected string, got int",
        "orders: column extra: expected none, got date",
      ],
    ],
    [
      "published no such table",
      (_, seen) => delete seen.tables["features"],
      ["features: expected in the snapshot, got nothing"],
    ],
    [
      "published one table more",
      (_, seen) => (seen.tables["strangers"] = { ...orders, columns }),
      ["strangers: expected no such table"],
    ],
    [
      "quarantined other rows than it says",
      (_, seen) => (seen.quarantined["orders"] = { missing_value: 50, not_a_int: 1 }),
      [
        "orders: quarantined rows (late_row): expected 9, got 0",
        "orders: quarantined rows (not_a_int): expected 0, got 1",
      ],
    ],
  ];
  for (const [title, change, wanted] of table)
    it(`that ${title} is told exactly`, () => {
      const [said, seen] = [report(), findings()];
      change(said, seen);
      assert.deepEqual(differences(expected, said, seen), wanted);
    });

  it("needs no files for a table without rows", () => {
    const empty = { rows: 0, partitions: 0, checksum: "0000000000000000" };
    const of = (rows: number) =>
      differences(
        { ...expected, datasets: { features: { ...empty, quarantined: {}, columns } } },
        { ...report(), datasets: { features: { ...empty, quarantined: {} } } },
        { tables: { features: { ...empty, rows, columns: [] } }, quarantined: {} },
      );
    assert.deepEqual(of(0), []);
    assert.ok(of(1).includes("features: column order_id: expected string, got none"));
  });

  it("is summed up by what most came in of", () => {
    assert.equal(
      summaryOf(expected, 12.34),
      "1,000 orders in, 941 published, 59 quarantined in 12.3 s; 2 tables match",
    );
  });

  it("has many differences told by the first few", () => {
    assert.equal(told(["a", "b"]), "a; b");
    assert.equal(told(["a", "b", "c", "d"], 2), "a; b; and 2 more");
  });

  it("has a name of its own, of letters that a run id may have", () => {
    const now = new Date("2026-02-03T04:05:06.789Z");
    assert.equal(verificationId("a".repeat(64), now, "0f0f"), "verify-aaaaaaaaaaaa-20260203-040506-0f0f");
    assert.match(verificationId(undefined, now, "0f0f"), /^verify-working-tree-20260203-040506-0f0f$/);
  });
});

describe("an execution that failed", () => {
  let id = 0;
  const event = (type: string, details: object = {}) => ({ id: (id += 1), type, ...details }) as HistoryEvent;
  const entered = (name: string) => event("TaskStateEntered", { stateEnteredEventDetails: { name } });
  const failure = (error: string, cause: string) =>
    event("TaskFailed", { taskFailedEventDetails: { error, cause, resource: "invoke", resourceType: "lambda" } });
  const ended = { status: "FAILED", error: "PipelineFailed", cause: undefined };

  const table: [title: string, events: HistoryEvent[], ending: Parameters<typeof failureReason>[1], reason: string][] =
    [
      [
        "names the state that failed, with its cause",
        [entered("Validate"), event("TaskSucceeded"), entered("Publish"), failure("Oops", "disk full")],
        ended,
        "failed: PipelineFailed; failed in Publish: Oops: disk full",
      ],
      [
        "does not blame a state that got through on another attempt",
        [
          entered("Validate"),
          failure("Busy", "try again"),
          event("TaskSucceeded"),
          entered("Gate"),
          event("FailStateEntered", { stateEnteredEventDetails: { name: "QualityGateFailed" } }),
        ],
        { status: "FAILED", error: "QualityGateFailed", cause: "Rules not met: 3" },
        "failed: QualityGateFailed: Rules not met: 3",
      ],
      [
        "does not say twice what its cause says",
        [entered("Transform"), failure("Glue.X", "no workers"), entered("NotifyFailure"), event("TaskSucceeded")],
        { status: "FAILED", error: "PipelineFailed", cause: "Transform: Glue.X: no workers" },
        "failed: PipelineFailed: Transform: Glue.X: no workers",
      ],
      [
        "knows time-outs and functions",
        [
          entered("Validate"),
          event("LambdaFunctionTimedOut", { lambdaFunctionTimedOutEventDetails: { error: "States.Timeout" } }),
        ],
        { status: "TIMED_OUT", error: undefined, cause: undefined },
        "timed out; failed in Validate: States.Timeout",
      ],
      [
        "may have been stopped",
        [entered("Validate")],
        { status: "ABORTED", error: "Console", cause: "no" },
        "aborted: Console: no",
      ],
      ["may have no history", [], ended, "failed: PipelineFailed"],
    ];
  for (const [title, events, ending, reason] of table)
    it(title, () => assert.equal(failureReason([...events].reverse(), ending), reason));
});
