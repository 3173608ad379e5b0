import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ExitCode } from "../../../automation/errors.ts";
import type { AtlasProcessor } from "../../../automation/streams/atlas/types.ts";
import { deadLettersOf, grouped, reasonPattern } from "../../../automation/streams/custody/dlq-documents.ts";
import { growthOf, readingOf } from "../../../automation/streams/custody/dlq-growth.ts";
import { failsWith, scratch, writeFiles } from "../../git/throw-away.ts";
import { checkout, streams } from "../command/lab.ts";
import { processorThere } from "./atlas-lab.ts";

const temporary = scratch();
after(() => temporary.clear());

const counted = (name: string, input: number, dlq: number): AtlasProcessor =>
  processorThere({ name, stats: { inputMessageCount: input, dlqMessageCount: dlq } });

describe("growth of dead letter queues", () => {
  const at = new Date("2026-03-01T00:00:00Z");
  const limits = { processors: { orders: { expect: { dlqRate: 0.01 } } }, documents: 5 };
  const before = readingOf([counted("orders", 1000, 10), counted("clicks", 100, 1)], at);
  const grows = (processor: AtlasProcessor, earlier = before) => {
    const [growth] = growthOf(earlier, [processor], limits);
    return [growth?.input, growth?.dlq, growth?.exceeded];
  };

  const table: readonly [string, AtlasProcessor, readonly unknown[]][] = [
    ["nothing came", counted("orders", 2000, 10), [1000, 0, false]],
    ["just the share that may", counted("orders", 2000, 20), [1000, 10, false]],
    ["one more than that", counted("orders", 2000, 21), [1000, 11, true]],
    ["documents, where no share is named", counted("clicks", 200, 6), [100, 5, false]],
    ["one document more", counted("clicks", 200, 7), [100, 6, true]],
    ["nothing read, and yet something dead", counted("orders", 1000, 11), [0, 1, true]],
    ["a processor of the same name that is new", counted("clicks", 50, 6), [50, 6, true]],
    ["one that nobody counted before", counted("other", 10, 3), [10, 3, false]],
    ["a version goes by its processor's share", counted("orders__0a1b2c3d", 1000, 10), [1000, 10, false]],
  ];
  for (const [name, processor, expected] of table) it(name, () => assert.deepEqual(grows(processor), expected));

  it("says since when it counts", () => {
    assert.equal(growthOf(before, [counted("orders", 2000, 10)], limits)[0]?.since, at.toISOString());
    assert.equal(growthOf(undefined, [counted("orders", 2000, 10)], limits)[0]?.since, null);
  });
});

const letter = (id: number, reason: string, operator = "$source", extra: object = {}) => ({
  ...{ processorName: "orders", operatorName: operator, errInfo: { reason }, doc: { id } },
  ...{ dlqTime: { $date: `2026-03-01T00:00:0${id}Z` } },
  ...extra,
});

describe("documents of a dead letter queue", () => {
  it("are read as an array, as lines, and as one", () => {
    const one = letter(1, "late");
    for (const text of [JSON.stringify([one]), `${JSON.stringify(one)}\n\n`, JSON.stringify(one, null, 2)])
      assert.deepEqual(deadLettersOf("dlq.json", text), deadLettersOf("dlq.json", JSON.stringify([one])), text);
    assert.deepEqual(deadLettersOf("dlq.json", "\n"), []);
  });

  it("are refused with the place of what is none", () => {
    const text = `${JSON.stringify(letter(1, "late"))}\n{]`;
    assert.throws(() => deadLettersOf("dlq.json", text), { code: ExitCode.usage, where: "dlq.json:2" });
    assert.throws(
      () => deadLettersOf("dlq.json", JSON.stringify([letter(1, "late"), { doc: 1 }])),
      failsWith(ExitCode.usage, /Document 2 is none of a dead letter queue/),
    );
  });

  it("are grouped by operator and kind of reason, the largest first", () => {
    const letters = deadLettersOf(
      "dlq.json",
      JSON.stringify([
        letter(3, "cannot convert 'a' to int"),
        letter(1, "Input document arrived late.", "$tumblingWindow"),
        letter(2, 'cannot convert "bc" to int'),
        letter(4, "cannot convert 'a' to int", "$set"),
      ]),
    );
    assert.deepEqual(
      grouped(letters).map(({ operator, reason, count, first, last, example }) => [
        operator,
        reason,
        count,
        first,
        last,
        example.number,
      ]),
      [
        ["$source", "cannot convert '…' to int", 2, "2026-03-01T00:00:02.000Z", "2026-03-01T00:00:03.000Z", 1],
        [
          "$tumblingWindow",
          "Input document arrived late.",
          1,
          "2026-03-01T00:00:01.000Z",
          "2026-03-01T00:00:01.000Z",
          2,
        ],
        ["$set", "cannot convert '…' to int", 1, "2026-03-01T00:00:04.000Z", "2026-03-01T00:00:04.000Z", 4],
      ],
    );
  });

  const reasons: readonly [string, string][] = [
    ["value 12.5 of order 64b7f0a1c2d3e4f5a6b7c8d9 is above 3", "value <n> of order <id> is above <n>"],
    ["at 2026-01-01T10:00:00.123Z: $add got {a: 'x'}", "at <time>: $add got {…}"],
    ["$toInt of field2 failed", "$toInt of field2 failed"],
  ];
  for (const [reason, pattern] of reasons)
    it(`${reason}: ${pattern}`, () => assert.equal(reasonPattern(reason), pattern));
});

const validated = `{"pipeline": [
{"$source": {"connectionName": "atlas", "db": "shop", "coll": "orders"}},
{"$validate": {"validator": {"total": {"$type": "number"}}, "validationAction": "dlq"}},
{"$merge": {"into": {"connectionName": "atlas", "db": "shop", "coll": "out"}}}],
"options": {"dlq": {"connectionName": "atlas", "db": "ops", "coll": "dlq"}}}`;

describe("slipway streams dlq --documents", () => {
  const bad = (id: number, operator = "$validate") =>
    letter(id, "Input document found to be invalid in $validate stage", operator, { doc: { _id: id, total: "many" } });

  function setUp(documents: readonly object[]): { root: string; file: string } {
    const root = temporary.directory();
    writeFiles(root, {
      ...{ ...checkout, "streams/processors/orders.json": validated },
      "dlq.json": JSON.stringify(documents),
    });
    return { root, file: join(root, "dlq.json") };
  }

  it("groups without Atlas and writes nothing", async () => {
    const { root, file } = setUp([bad(1), bad(2), letter(3, "late", "$source")]);
    const result = await streams(root, ["dlq"], { documents: file });
    assert.equal(result.exitCode, ExitCode.done);
    assert.match(result.text, /^2 orders \$validate: /);
    assert.match(result.text, /3 documents in 2 groups/);
    assert.doesNotMatch(result.text, /many/, "what is in a document stays there");
  });

  it("writes a test that passes as long as the pipeline refuses them, and fails once it does not", async () => {
    const { root, file } = setUp([bad(1), bad(2)]);
    const replay = join(root, "streams/tests/orders.test.json");
    const result = await streams(root, ["dlq"], { documents: file, replay });
    assert.deepEqual(result.json["written"], ["streams/tests/orders.test.json"]);
    assert.match(result.text, /still refused here/);
    assert.equal((await streams(root, ["test"])).exitCode, ExitCode.done);
    writeFiles(root, { "streams/processors/orders.json": validated.replace('"number"', '["number", "string"]') });
    assert.equal((await streams(root, ["test"])).exitCode, ExitCode.unexpectedChanges);
  });

  it("says where the version that lies here would let them through", async () => {
    const { root, file } = setUp([letter(1, "no total", "$validate", { doc: { _id: 1, total: 5 } })]);
    const result = await streams(root, ["dlq"], { documents: file, replay: join(root, "out.test.json") });
    assert.match(result.text, /not refused like that here/);
  });

  it("replaces no file, and asks whose documents are meant", async () => {
    const { root, file } = setUp([bad(1)]);
    const replay = join(root, "out.test.json");
    writeFiles(root, { "out.test.json": "{}" });
    await assert.rejects(
      streams(root, ["dlq"], { documents: file, replay }),
      failsWith(ExitCode.usage, /there already/),
    );
    assert.equal(readFileSync(replay, "utf8"), "{}");
    const two = setUp([bad(1), { ...bad(2), processorName: "clicks" }]);
    const other = join(two.root, "out.test.json");
    await assert.rejects(
      streams(two.root, ["dlq"], { documents: two.file, replay: other }),
      failsWith(ExitCode.usage, /orders, clicks/),
    );
    await assert.rejects(
      streams(two.root, ["dlq"], { documents: two.file, replay: other, processor: "clicks" }),
      failsWith(ExitCode.notFound, /no processor "clicks"/),
    );
    assert.ok(!existsSync(other));
    await streams(two.root, ["dlq"], { documents: two.file, replay: other, processor: "orders" });
    assert.ok(existsSync(other));
  });

  it("takes documents of a version for those of its processor", async () => {
    const { root, file } = setUp([{ ...bad(1), processorName: "orders__0a1b2c3d" }]);
    const result = await streams(root, ["dlq"], { documents: file, replay: join(root, "out.test.json") });
    assert.match(result.text, /still refused here/);
  });
});
