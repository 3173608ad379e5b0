import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import { JsonDocument } from "../../../streams/engine/json/document.ts";

const pipelineText = '[{"$source":{"connectionName":"events"}},{"$project":{"b":1,"1":1}}]';
const dlq = { connectionName: "c", db: "d", coll: "e" };
const digest = definitionDigest({ pipelineText, dlq });

describe("streams/diff: the digest of a definition", () => {
  it("is a SHA-256, the same for the same definition", () => {
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    assert.equal(definitionDigest({ pipelineText, dlq: { ...dlq } }), digest);
  });

  it("does not change with spaces, nor with the order of a queue's keys", () => {
    const spaced = new JsonDocument(`{ "pipeline": ${pipelineText.replaceAll(",", " ,\n  ")} }`).source(["pipeline"]);
    const { coll, db, connectionName } = dlq;
    assert.equal(definitionDigest({ pipelineText: spaced ?? "", dlq: { coll, db, connectionName } }), digest);
  });

  const others: [title: string, definition: Parameters<typeof definitionDigest>[0]][] = [
    ["another order of keys", { pipelineText: pipelineText.replace('"b":1,"1":1', '"1":1,"b":1'), dlq }],
    ["another value", { pipelineText: pipelineText.replace("events", "event"), dlq }],
    ["no dead letter queue", { pipelineText }],
    ["another dead letter queue", { pipelineText, dlq: { ...dlq, coll: "f" } }],
    ["parts of a queue that run into one another", { pipelineText, dlq: { connectionName: "cd", db: "", coll: "e" } }],
  ];
  for (const [title, definition] of others)
    it(`changes with ${title}`, () => {
      assert.notEqual(definitionDigest(definition), digest);
    });
});
