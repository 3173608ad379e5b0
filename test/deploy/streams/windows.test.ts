import assert from "node:assert/strict";
import { isPast } from "../../../automation/deploy/streams/past.ts";
import { definitionsOf } from "../../../automation/deploy/streams/position.ts";
import { fillsWindows, windowSpanMs } from "../../../automation/deploy/streams/windows.ts";
import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import { scratch } from "../../git/throw-away.ts";
import { Killed } from "../../support/fake-atlas.ts";
import { bad, changes, HandoverLab, nameOf, outputOf, topic } from "./lab.ts";

const minute = { size: 1, unit: "minute" };
const window = (interval: object, more: object = {}) => ({
  $tumblingWindow: { interval, pipeline: [{ $group: { _id: "$a" } }], ...more },
});
const pipeline = (...stages: object[]) => JSON.stringify([{ $source: changes }, ...stages]);

describe("windows of a version", () => {
  it("are full after their length and what is waited for late documents", () => {
    assert.equal(windowSpanMs(pipeline()), 0);
    assert.equal(windowSpanMs(pipeline(window(minute))), 63_000);
    assert.equal(windowSpanMs(pipeline(window(minute, { allowedLateness: { size: 5, unit: "second" } }))), 65_000);
    assert.equal(windowSpanMs(pipeline({ $sessionWindow: { gap: minute, pipeline: [] } })), 63_000);
    assert.deepEqual(
      [pipeline(), pipeline(window(minute)), pipeline(window({ size: 1, unit: "day" }))].map(fillsWindows),
      [false, true, false],
    );
  });

  it("are passed when everything was read that the other had read", () => {
    const partition = (currentOffset: number, checkpointOffset = currentOffset, number = 0) => ({
      ...{ topic: "t", partition: number, currentOffset, checkpointOffset },
    });
    const kafka = (...kafkaPartitions: ReturnType<typeof partition>[]) => ({ kafkaPartitions });
    assert.ok(isPast(kafka(partition(8), partition(3, 3, 1)), kafka(partition(9, 8), partition(3, 3, 1))));
    assert.ok(!isPast(kafka(partition(8), partition(2, 2, 1)), kafka(partition(8), partition(3, 3, 1))));
    assert.ok(!isPast(kafka(partition(8)), kafka(partition(8), partition(3, 3, 1))));
    const token = (_data: string) => ({ changeStreamState: { _data } });
    assert.ok(isPast(token("8265B"), token("8265B")) && isPast(token("8265C"), token("8265B")));
    assert.ok(!isPast(token("8265A"), token("8265B")));
    assert.ok(!isPast({ watermark: "2026-01-01T00:00:00Z" }, { watermark: "2026-01-01T00:00:01Z" }));
    assert.ok(isPast({}, {}));
  });
});

describe("the handover of a processor with windows", () => {
  const temporary = scratch();
  const two = (source: Readonly<Record<string, unknown>>) => [1, 2].map((version) => windowed(version, source));
  const windowed = (version: number, source: Readonly<Record<string, unknown>>) => {
    const plain = outputOf(version, { source });
    const [first, ...rest] = JSON.parse(plain.pipeline) as object[];
    const text = JSON.stringify([first, window(minute), ...rest]);
    return { ...plain, pipeline: text, digest: definitionDigest({ pipelineText: text, dlq: plain.dlq }) };
  };
  /** Everything was written, and twice only what both read while one took the place of the other. */
  const assertNothingLost = (lab: HandoverLab, blue: string, green: string) => {
    const all = lab.atlas.writes.filter(({ sink }) => sink === "orders");
    const documents = [...new Set(all.map(({ document }) => document))].sort((a, b) => a - b);
    const [start = 0] = documents;
    assert.deepEqual(
      documents,
      documents.map((_, index) => start + index),
    );
    const by = (name: string) => all.filter((write) => write.by === name).map(({ document }) => document);
    assert.equal(new Set(by(blue)).size, by(blue).length);
    assert.equal(new Set(by(green)).size, by(green).length);
    assert.ok(by(green).length > 0 && (by(green)[0] ?? 0) <= (by(blue).at(-1) ?? 0) + 1);
  };

  for (const source of [changes, topic])
    it(`of ${"topic" in source ? "a topic" : "a change stream"} puts the trial itself into service, with the windows that it filled`, async () => {
      const lab = new HandoverLab(temporary.directory());
      const [before, after] = two(source);
      await lab.handOver(before!);
      lab.atlas.calls.length = 0;
      const result = await lab.handOver(after!);
      assert.equal(result.outcome, "handed-over");
      const [blue, green] = [nameOf(before!), nameOf(after!)];
      assert.deepEqual(lab.atlas.calls, [
        ...[`create ${green}`, `start ${green}`, `stop ${green}`, `stop ${blue}`, `modify ${green}`, `start ${green}`],
      ]);
      assert.deepEqual(lab.compared, [`${green} with ${blue}`]);
      assert.deepEqual(lab.atlas.states(), { [blue]: "STOPPED", [green]: "STARTED" });
      await lab.atlas.processors();
      assertNothingLost(lab, blue, green);
      assert.ok(definitionsOf(lab.atlas.all.get(green)?.text ?? "").includes(after!.pipeline));
      assert.deepEqual(lab.atlas.all.get(green)?.dlq, after!.dlq);
      // The one after that goes on in the same way.
      assert.equal((await lab.handOver(windowed(3, source))).outcome, "handed-over");
      assert.equal((await lab.handOver(outputOf(4, { source }))).outcome, "handed-over");
      await lab.atlas.processors();
      assertNothingLost(lab, nameOf(windowed(3, source)), nameOf(outputOf(4, { source })));
    });

  it("that is worse goes, and the version before never stopped", async () => {
    const lab = new HandoverLab(temporary.directory());
    const [before, after] = two(topic);
    await lab.handOver(before!);
    lab.judgement = bad;
    assert.equal((await lab.handOver(after!)).outcome, "failed");
    assert.deepEqual(lab.atlas.states(), { [nameOf(before!)]: "STARTED" });
    assert.ok(!lab.atlas.calls.includes(`stop ${nameOf(before!)}`));
  });

  it("that is cancelled goes as well", async () => {
    const lab = new HandoverLab(temporary.directory());
    const [before, after] = two(topic);
    await lab.handOver(before!);
    const start = lab.atlas.startProcessor.bind(lab.atlas);
    lab.atlas.startProcessor = async (...given) => {
      await start(...given);
      lab.cancel.abort();
    };
    assert.equal((await lab.handOver(after!)).outcome, "cancelled");
    assert.deepEqual(lab.atlas.states(), { [nameOf(before!)]: "STARTED" });
  });

  for (const when of ["before", "after"] as const)
    for (const way of ["on", "back"] as const)
      it(`that a killed driver began ${when} any call is ${way === "on" ? "ended by the next one" : "taken back"}`, async () => {
        for (let at = 1; ; at += 1) {
          const lab = new HandoverLab(temporary.directory());
          const [before, after] = two(topic);
          await lab.handOver(before!);
          lab.atlas.calls.length = 0;
          lab.atlas.kill = { at, when };
          const killed = await lab.handOver(after!).then(
            () => false,
            (error: unknown) => error instanceof Killed,
          );
          lab.atlas.kill = undefined;
          const [blue, green] = [nameOf(before!), nameOf(after!)];
          if (way === "on") {
            await lab.handOver(after!);
            assert.deepEqual(lab.atlas.states(), { [blue]: "STOPPED", [green]: "STARTED" });
            await lab.atlas.processors();
            assertNothingLost(lab, blue, green);
          } else {
            await lab.handOver(before!, { trial: false });
            const { [blue]: old, [green]: other } = lab.atlas.states();
            assert.equal(old, "STARTED");
            assert.ok(other === undefined || other === "STOPPED", `${at}: ${other}`);
          }
          if (!killed) return void assert.ok(at > 6);
        }
      });
});
