import assert from "node:assert/strict";
import { atlasStreams } from "../../../automation/streams/atlas/client.ts";
import { AtlasError } from "../../../automation/streams/atlas/errors.ts";
import type { AtlasOptions, AtlasStreams } from "../../../automation/streams/atlas/types.ts";
import { describeError } from "../../../automation/report/errors.ts";
import { FakeAtlas, type Fault, project } from "./fake-atlas.ts";

export const place = { projectId: project, workspace: "main" };
export const pipeline = `[{"$source":{"connectionName":"in"}},{"$project":{"b":1,"10":1,"2":1}},{"$merge":{"into":{"connectionName":"out","db":"a","coll":"b"}}}]`;
export const dlq = { connectionName: "out", db: "ops", coll: "dlq" };
export const orders = { name: "orders", pipeline: [], text: pipeline, dlq };
export const unavailable: Fault = { status: 503, body: "<html>" };

/** A server and clients of it, whose pauses take no time. */
export class Lab {
  atlas = new FakeAtlas();
  pauses: number[] = [];
  said: string[] = [];

  async open(): Promise<void> {
    this.atlas = await FakeAtlas.start();
    [this.pauses, this.said] = [[], []];
  }

  client(options: Partial<AtlasOptions> = {}): AtlasStreams {
    return atlasStreams({
      ...{ place, environment: this.atlas.environment, say: (line) => this.said.push(line) },
      wait: (ms) => Promise.resolve(void this.pauses.push(ms)),
      ...options,
    });
  }

  /** Neither what people read, nor what a defect would print, holds the text. */
  assertHidden(error: unknown, secret: string): void {
    const { text, json } = describeError(error, { color: false });
    const causes: unknown[] = [];
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      causes.push(cause.stack, { ...cause });
    const all = JSON.stringify([text, json, this.said, causes]);
    assert.ok(!all.includes(secret), all);
  }
}

/** The error that work has to end with. */
export async function refused(work: Promise<unknown>): Promise<AtlasError> {
  const error = await work.then(
    () => assert.fail("it went well"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AtlasError, String(error));
  return error;
}
