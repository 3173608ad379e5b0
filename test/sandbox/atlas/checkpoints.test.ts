import assert from "node:assert/strict";

import { openAtlasLab, pipelineOf, statsOf, type AtlasLab, type Stats } from "./atlas-lab.ts";

const one = "/streams/flow/processor/orders";
const windowed = (seconds: number, ...inner: unknown[]) =>
  pipelineOf({ $tumblingWindow: { interval: { size: seconds, unit: "second" }, pipeline: inner } });
const counted = { $group: { _id: "$amount", n: { $count: {} } } };

describe("checkpoints of the sandbox's stream processors", () => {
  let lab: AtlasLab;
  const make = (pipeline: unknown, name = "orders") => lab.call("POST", "/streams/flow/processor", { name, pipeline });
  const stats = async (name = "orders"): Promise<Stats> =>
    statsOf(await lab.call("GET", `/streams/flow/processor/${name}`));
  const start = (body: object = {}, name = "orders") =>
    lab.call("POST", `/streams/flow/processor/${name}:startWith`, body);
  const stop = () => lab.call("POST", `${one}:stop`);
  const offsets = (of: Stats, key: string) => of.kafkaPartitions.map((each) => each[key]);

  beforeEach(async () => {
    lab = await openAtlasLab();
  });
  afterEach(() => lab.close());

  it("are what a stopped processor goes on from: nothing is read twice and nothing is left out", async () => {
    await make(pipelineOf());
    await start();
    lab.pass(1_000);
    assert.deepEqual(offsets(await stats(), "checkpointOffset"), [125, 125]);
    lab.pass(1_000);
    const running = await stats();
    assert.deepEqual(
      [offsets(running, "checkpointOffset"), offsets(running, "currentOffset")],
      [
        [125, 125],
        [150, 150],
      ],
    );
    await stop();
    assert.deepEqual(offsets(await stats(), "checkpointOffset"), [150, 150]);
    lab.pass(3_000);
    await start();
    // Nothing passed for it while it stood still and nobody looked, but for the moment of the start.
    lab.pass(1_000);
    const on = await stats();
    const [first = 0, second = 0] = offsets(on, "currentOffset") as number[];
    assert.equal(on["inputMessageCount"], first + second);
    assert.ok(first > 150);
    assert.deepEqual(offsets(on, "partitionOffsetLag"), [0, 0]);
  });

  it("are left behind where somebody says so, and the counts stay", async () => {
    await make(pipelineOf());
    await start();
    lab.pass(1_000);
    assert.equal((await stats())["inputMessageCount"], 250);
    await stop();
    await start({ resumeFromCheckpoint: false });
    lab.pass(1_000);
    // It reads from the earliest offset again.
    const again = await stats();
    const read = (offsets(again, "currentOffset") as number[]).reduce((sum, each) => sum + each, 0);
    assert.equal(again["inputMessageCount"], 250 + read);
  });

  it("refuse exactly the changes that would lose them", async () => {
    await make(windowed(60, { $match: { amount: { $gt: 10 } } }));
    await start();
    lab.pass(1_000);
    await stats();
    await stop();
    const patch = (pipeline: unknown, options?: object) => lab.call("PATCH", one, { pipeline, options });
    const source = [{ $source: { connectionName: "events", topic: "others" } }, ...windowed(60, counted).slice(1)];
    for (const [pipeline, reason] of [
      [source, /\$source changed/],
      [windowed(30, { $match: { amount: { $gt: 10 } } }), /the interval of \$tumblingWindow changed/],
      [pipelineOf(), /\$tumblingWindow was removed/],
      [windowed(60, { $match: { amount: { $gt: 20 } } }), /neither \$group nor \$sort/],
    ] as const) {
      const { status, body } = await patch(pipeline);
      assert.equal(status, 400);
      assert.match(String(body["detail"]), reason);
    }
    assert.equal(
      (
        await patch([
          ...windowed(60, { $match: { amount: { $gt: 10 } } }).slice(0, 2),
          { $unset: "x" },
          pipelineOf()[1],
        ])
      ).status,
      200,
    );
    assert.equal((await patch(pipelineOf(), { resumeFromCheckpoint: false })).status, 200);
    assert.equal((await start()).status, 200);
    lab.pass(1_000);
    assert.equal((await lab.call("GET", one)).body["state"], "STARTED");
  });

  it("carry open windows, which a changed group reads again", async () => {
    await make(windowed(60, counted));
    await start();
    lab.pass(1_000);
    const before = await stats();
    assert.ok((before["stateSize"] ?? 0) > 0);
    await stop();
    await lab.call("PATCH", one, { pipeline: windowed(60, { $group: { _id: null, n: { $count: {} } } }) });
    await start();
    const rewound = await stats();
    assert.ok((offsets(rewound, "currentOffset")[0] ?? Infinity) < (offsets(before, "currentOffset")[0] ?? 0));
    lab.pass(1_000);
    const after = await stats();
    assert.ok((offsets(after, "currentOffset")[0] ?? 0) > (offsets(before, "currentOffset")[0] ?? Infinity));
  });

  it("tell a group of consumers where its next member begins", async () => {
    const grouped = [
      { $source: { connectionName: "events", topic: "orders", config: { group_id: "g" } } },
      pipelineOf()[1],
    ];
    await make(grouped);
    await start();
    lab.pass(2_000);
    await stop();
    const blue = await stats();
    lab.pass(1_000);
    await make(grouped, "green");
    await start({}, "green");
    const green = await stats("green");
    assert.deepEqual(offsets(green, "currentOffset"), offsets(blue, "currentOffset"));
    assert.equal(green["inputMessageCount"], 0);
  });

  it("of a change stream are resume tokens, behind which another processor goes on", async () => {
    lab.sample("shop.shop.products", [{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
    const stream = (config: object) => [
      { $source: { connectionName: "shop", db: "shop", coll: "products", config } },
      pipelineOf()[1],
    ];
    await make(stream({}));
    await start();
    lab.pass(1_000);
    const blue = await stats();
    assert.equal(blue["inputMessageCount"], 50);
    await stop();
    const token = (blue as unknown as Record<string, unknown>)["changeStreamState"];
    assert.equal((await make(stream({ startAfter: token }), "green")).status, 200);
    lab.pass(1_000);
    await start({}, "green");
    lab.pass(1_000);
    // What came in the meantime, and nothing that the other one had.
    assert.equal((await stats("green"))["inputMessageCount"], 100);
  });
});
