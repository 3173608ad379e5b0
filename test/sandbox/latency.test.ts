import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { activeFaults, openCloud, setFault } from "../../sandbox/index.ts";
import { withFaults } from "../../sandbox/operations/faults.ts";
import { loadBehaviours } from "../../sandbox/operations/registry.ts";

describe("sandbox faults on one operation", () => {
  it("strike it once each, in the order they were set", async () => {
    const directory = mkdtempSync(join(tmpdir(), "slipway-latency-"));
    const cloud = openCloud(directory);
    try {
      setFault(directory, { kind: "latency", typeGlob: "*", milliseconds: 1, remaining: 1_000 });
      setFault(directory, { kind: "latency", typeGlob: "aws:*", milliseconds: 1, remaining: 7 });
      const session = { directory, cloud, identity: { account: "1", region: "" }, behaviours: loadBehaviours() };
      const target = { type: "aws:x/y:Z", urn: "u", operation: "create" } as const;
      assert.equal(await withFaults(session, target, () => "done"), "done");
      assert.deepEqual(
        activeFaults(directory).map(({ remaining }) => remaining),
        [999, 6],
      );
    } finally {
      cloud.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
