import assert from "node:assert/strict";
import { ExitCode } from "../../../automation/errors.ts";
import { repositoryWith, scratch, writeFiles } from "../../git/throw-away.ts";
import { checkout, streams } from "../command/lab.ts";

const temporary = scratch();
after(() => temporary.clear());

const orders = (stages: string) => ({
  "streams/processors/orders.json": `{"pipeline": [
{"$source": {"connectionName": "atlas", "db": "shop", "coll": "orders"}},
${stages},
{"$merge": {"into": {"connectionName": "atlas", "db": "shop", "coll": "out"}}}],
"options": {"dlq": {"connectionName": "atlas", "db": "ops", "coll": "dlq"}}}`,
});
const test = {
  "streams/tests/orders.test.json": JSON.stringify({
    cases: [
      {
        name: "three orders",
        steps: [{ in: [1, 2, 3].map((n) => ({ _id: n, total: n })) }, { checkpoint: "c" }, { restart: {} }],
        expect: { stats: { in: 3 } },
      },
    ],
  }),
};

interface Answer {
  replays: { outcome: string; documents: unknown; differences: unknown[]; why: string | null }[];
  without: string[];
}

describe("slipway streams replay", () => {
  async function replay(before: string, after: string, options: Record<string, unknown> = {}, files: object = test) {
    const root = temporary.directory();
    repositoryWith(root, { ...checkout, ...orders(before), ...files });
    writeFiles(root, orders(after));
    const result = await streams(root, ["replay"], options);
    return { ...result, answer: result.json as unknown as Answer };
  }
  const gross = '{"$set": {"gross": {"$multiply": ["$total", 2]}}}';

  it("finds nothing where another text does the same, also with --strict", async () => {
    const { answer, exitCode } = await replay(gross, '{"$addFields": {"gross": {"$multiply": [2, "$total"]}}}', {
      strict: true,
    });
    assert.deepEqual(
      answer.replays.map(({ outcome, documents }) => [outcome, documents]),
      [["same", { before: 3, after: 3 }]],
    );
    assert.equal(exitCode, ExitCode.done);
  });

  it("names the documents and fields that come out otherwise", async () => {
    const { answer, exitCode, text } = await replay(
      gross,
      '{"$set": {"gross": {"$cond": [{"$eq": ["$total", 2]}, 0, {"$multiply": ["$total", 2]}]}}}',
    );
    assert.deepEqual(answer.replays[0]?.differences, [
      { sink: "atlas.shop.out", kind: "changed", key: "2", fields: ["gross"] },
    ]);
    assert.equal(exitCode, ExitCode.done);
    assert.match(text, /atlas\.shop\.out 2: changed: gross/);
  });

  it("names those that are only on one side, the dead letter queue among the sinks", async () => {
    const { answer, exitCode } = await replay(
      '{"$match": {"total": {"$lt": 3}}}',
      '{"$validate": {"validator": {"total": {"$gt": 1}}, "validationAction": "dlq"}}',
      { strict: true },
    );
    assert.deepEqual(answer.replays[0]?.differences, [
      { sink: "atlas.shop.out", kind: "only-before", key: "1", fields: [] },
      { sink: "atlas.shop.out", kind: "only-after", key: "3", fields: [] },
      { sink: "dead letter queue", kind: "only-after", key: "#0", fields: [] },
    ]);
    assert.equal(exitCode, ExitCode.unexpectedChanges);
  });

  it("does not take new identifiers for other documents", async () => {
    const { answer } = await replay('{"$project": {"_id": 0, "total": 1}}', '{"$unset": ["_id"]}');
    assert.equal(answer.replays[0]?.outcome, "same");
  });

  it("says where nothing can be said, and where there are no documents", async () => {
    const https = '{"$https": {"connectionName": "nobody", "as": "x"}}';
    const { answer } = await replay(gross, https);
    assert.equal(answer.replays[0]?.outcome, "unknown");
    assert.match(answer.replays[0]?.why ?? "", /^the version now: /);
    assert.deepEqual((await replay(gross, https, {}, {})).answer.without, ["orders"]);
  });

  it("looks at nothing that did not change", async () => {
    assert.deepEqual((await replay(gross, gross)).answer.replays, []);
  });
});
