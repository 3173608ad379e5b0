import assert from "node:assert/strict";
import type { EngineEvent } from "../../automation/engine/events.ts";
import { activeTree } from "../../automation/report/progress.ts";
import { applyEvent, countsLine, startProgress } from "../../automation/report/progress-state.ts";

const urn = (name: string) => `urn:pulumi:dev::slipway::t::${name}`;
const stack = "urn:pulumi:dev::slipway::pulumi:pulumi:Stack::slipway-dev";

const event = (kind: string, op: string, name: string, parent = stack): EngineEvent =>
  ({
    sequence: 0,
    timestamp: 0,
    [kind]: { metadata: { op, urn: urn(name), type: "t", new: { parent } } },
  }) as unknown as EngineEvent;

describe("progress", () => {
  it("counts what ended, times it, and forgets what is no longer in progress", () => {
    const state = startProgress(0);
    applyEvent(state, event("resourcePreEvent", "create", "bucket"), 1_000);
    applyEvent(state, event("resourcePreEvent", "same", "key"), 1_000);
    const bucket = applyEvent(state, event("resOutputsEvent", "create", "bucket"), 3_500);
    assert.deepEqual([bucket?.name, bucket?.seconds, bucket?.failed], ["bucket", 2.5, false]);
    assert.equal(state.active.size, 1);
    applyEvent(state, event("resOutputsEvent", "same", "key"), 3_600);
    assert.equal(countsLine(state.counts), "1 created, 1 unchanged");
  });

  it("counts a failed step as failed, whatever it was about to do", () => {
    const state = startProgress(0);
    applyEvent(state, event("resourcePreEvent", "update", "bucket"), 0);
    assert.equal(applyEvent(state, event("resOpFailedEvent", "update", "bucket"), 1)?.failed, true);
    assert.equal(countsLine(state.counts), "1 failed");
  });

  it("says that nothing has happened yet", () => assert.equal(countsLine(new Map()), "nothing yet"));

  it("shows what is in progress under its components", () => {
    const state = startProgress(0);
    applyEvent(state, event("resourcePreEvent", "create", "foundation"), 0);
    applyEvent(state, event("resourcePreEvent", "create", "network", urn("foundation")), 0);
    applyEvent(state, event("resourcePreEvent", "create", "subnet", urn("network")), 1_000);
    assert.deepEqual(activeTree(state, 3_000), [
      "  +  foundation t 3.0 s",
      "  foundation",
      "    +  network t 3.0 s",
      "  foundation > network",
      "    +  subnet t 2.0 s",
    ]);
  });

  it("never grows beyond a screen", () => {
    const state = startProgress(0);
    for (let index = 0; index < 50; index++) applyEvent(state, event("resourcePreEvent", "create", `r${index}`), 0);
    const lines = activeTree(state, 1_000);
    assert.equal(lines.length, 12);
    assert.equal(lines.at(-1), "  … 39 more");
  });
});
