import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { StreamsPipelineArgs } from "../../../components/streams/streams-pipeline.ts";
import { type Lab, openLab } from "../../sandbox/lab.ts";
import { args, connections, dlq, processor } from "./fixture.ts";

const component = new URL("../../../components/streams/streams-pipeline.ts", import.meta.url).href;

describe("components/streams under the real engine", function () {
  this.timeout(120_000);
  let lab: Lab;

  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  const secrets = connections.map((connection) =>
    connection.value.type === "Kafka"
      ? {
          ...connection,
          value: { ...connection.value, authentication: { username: "u", password: "k3pt-out-of-sight" } },
        }
      : connection,
  );

  /** Brings stream processing up as it is with a change, and gives what that did. */
  async function up(change: Partial<StreamsPipelineArgs> = {}) {
    const all = { ...args, connections: secrets, processors: { orders: { ...processor, dlq } }, ...change };
    lab.program(`
      const { StreamsPipeline } = await import(${JSON.stringify(component)});
      const atlas = provider("mongodbatlas", "mongodbatlas", {});
      new StreamsPipeline("streams", ${JSON.stringify(all)}, { providers: [atlas] });
      return {};`);
    return await lab.up();
  }

  const features = [{ workspace: "feature-faster", start: true }];

  it("makes everything, the workspace of a branch as well, and changes nothing the second time", async () => {
    const first = await up({ features });
    assert.equal(first.code, 0, first.text);
    // Two workspaces with a component around each, three alerts in theirs, and the pipeline.
    assert.equal(first.changes.length, 2 * (2 + connections.length + 1) + 4 + 1);
    assert.deepEqual((await up({ features })).changes, []);
  });

  it("keeps secrets out of the state", async () => {
    const entries = await readdir(lab.directory, { recursive: true, withFileTypes: true });
    const states = entries.filter(({ name }) => name === "dev.json");
    assert.ok(states.length > 0);
    for (const { parentPath, name } of states) {
      const text = await readFile(join(parentPath, name), "utf8");
      assert.ok(text.includes("streams-connection-events"), parentPath);
      assert.ok(!text.includes("k3pt-out-of-sight"), parentPath);
    }
  });

  it("takes the workspace of a branch away with all that is in it, and touches nothing else", async () => {
    const { code, changes, text } = await up();
    assert.equal(code, 0, text);
    assert.equal(changes.length, 2 + connections.length + 1);
    assert.ok(
      changes.every((change) => /^delete streams-feature-faster(?:-|$)/.test(change)),
      changes.join(),
    );
  });

  it("gives a checkpoint up in one deployment, and in none after it", async () => {
    const options = () => lab.resources().find(({ type }) => type.endsWith("StreamProcessor"))?.inputs["options"];
    assert.deepEqual((await up({ restart: ["orders"] })).changes, ["update streams-processor-orders"]);
    assert.deepEqual(options(), { dlq, resumeFromCheckpoint: false });
    assert.deepEqual((await up()).changes, ["update streams-processor-orders"]);
    assert.deepEqual(options(), { dlq });
  });

  it("does not let go of a checkpoint that is to stay", async () => {
    await up({ removal: "retain" });
    const { code, text } = await up({ removal: "retain", processors: {} });
    assert.notEqual(code, 0);
    assert.match(text, /streams-processor-orders.*cannot be deleted\s+because it is protected/s);
    assert.equal((await up()).code, 0);
  });

  it("makes everything in a workspace anew when the workspace is another one", async () => {
    const { code, changes, text } = await up({ workspace: "other" });
    assert.equal(code, 0, text);
    const made = changes.filter((change) => change.startsWith("create-replacement")).length;
    assert.equal(made, 1 + connections.length + 1, changes.join());
    const places = lab.resources().map(({ inputs }) => inputs["workspaceName"] ?? "other");
    assert.deepEqual([...new Set(places)], ["other"]);
  });
});
