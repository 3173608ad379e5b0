import assert from "node:assert/strict";
import type { HandoverOutput } from "../../../automation/deploy/streams/making.ts";
import { handOver, type HandoverResult } from "../../../automation/deploy/streams/handover.ts";
import { wantedOf } from "../../../automation/deploy/streams/making.ts";
import { handoverRecords, type HandoverRecords, type Judgement } from "../../../automation/deploy/streams/state.ts";
import { versionName } from "../../../automation/deploy/streams/names.ts";
import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import { DirectoryStore } from "../../../automation/store/directory.ts";
import { FakeAtlas } from "../../support/fake-atlas.ts";

type Source = Readonly<Record<string, unknown>>;

export const changes: Source = { connectionName: "shop", db: "shop", coll: "orders" };
export const topic: Source = { connectionName: "events", topic: "orders", config: { auto_offset_reset: "earliest" } };

/** A processor of the program that says by a number which version it is. */
export function outputOf(
  version: number,
  { source = changes, rollout = "blue-green", ...rest }: Partial<HandoverOutput> & { source?: Source } = {},
): HandoverOutput {
  const pipeline = JSON.stringify([
    { $source: source },
    { $addFields: { version } },
    { $merge: { into: { connectionName: "warehouse", db: "sales", coll: "orders" } } },
  ]);
  const dlq = { connectionName: "warehouse", db: "sales", coll: "orders_dlq" };
  const digest = definitionDigest({ pipelineText: pipeline, dlq });
  return { pipeline, dlq, digest, rollout, state: "STARTED", tier: "SP10", failover: false, ...rest };
}

export const nameOf = (output: HandoverOutput): string => versionName("orders", output.digest);

export const good: Judgement = { verdict: "same", reasons: [] };
export const bad: Judgement = { verdict: "worse", reasons: ["latencyP99Ms: 10 ms -> 90 ms"] };

/** Handovers of one processor in a workspace in memory, with records in a folder. */
export class HandoverLab {
  readonly atlas = new FakeAtlas();
  readonly lines: string[] = [];
  readonly records: HandoverRecords;
  cancel = new AbortController();
  now = new Date("2026-03-01T12:00:00Z");
  judgement: Judgement = good;
  /** Trials that were compared, and with what. */
  readonly compared: string[] = [];
  /** Kills at the so-manieth write of the record: before it happens, or after. */
  killWrite: { at: number; when: "before" | "after" } | undefined;
  writes = 0;

  constructor(folder: string) {
    const records = handoverRecords(new DirectoryStore(folder), "prod");
    this.records = {
      ...records,
      write: async (record) => {
        this.writes += 1;
        const hit = this.killWrite?.at === this.writes ? this.killWrite.when : undefined;
        if (hit !== "before") await records.write(record);
        if (hit !== undefined) throw new Error("killed");
      },
    };
  }

  /** Brings a version into service; without a trial as on the way back. */
  async handOver(
    output: HandoverOutput,
    { trial = true, timeoutMs = 10_000, percent }: { trial?: boolean; timeoutMs?: number; percent?: number } = {},
  ): Promise<HandoverResult> {
    return handOver(this.atlas, {
      ...{ wanted: wantedOf("orders", output, trial), output, records: this.records, percent },
      judge: (shadow, blue) => {
        this.compared.push(`${shadow} with ${blue}`);
        return Promise.resolve(this.judgement);
      },
      ...{ pace: { pollMs: 1, settleMs: 1, timeoutMs }, signal: this.cancel.signal, now: () => this.now },
      say: (line) => void this.lines.push(line),
    });
  }
}

/** From the first document that was read to the last, each of them once. */
export function assertOnceEach(documents: readonly number[]): void {
  const [first = 0] = documents;
  assert.ok(documents.length > 5, String(documents.length));
  assert.deepEqual(
    documents,
    documents.map((_, index) => first + index),
  );
}
