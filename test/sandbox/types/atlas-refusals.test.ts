import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { typeSpec } from "../../../sandbox/types/index.ts";
import type { CloudResource } from "../../../sandbox/types/type-spec.ts";
import { contextWith, resource } from "./context.ts";

const spec = (type: string) => typeSpec(type) ?? assert.fail(`no table for ${type}`);

const place = { projectId: "0123456789abcdef01234567", workspaceName: "w" };
const workspaceType = "mongodbatlas:index/streamWorkspace:StreamWorkspace";
const processorType = "mongodbatlas:index/streamProcessor:StreamProcessor";
const workspace = (more: object = {}) =>
  resource(workspaceType, "w", { ...place, streamConfig: { tier: "SP2", maxTierSize: "SP10" }, ...more });
const pipeline = JSON.stringify([{ $source: {} }, { $merge: { into: {} } }]);
const processor = { ...place, processorName: "n", pipeline, state: "STARTED", tier: "SP10" };

describe("type tables: what Atlas refuses", () => {
  const cases: [title: string, inputs: object, there: CloudResource[], expected: RegExp | undefined][] = [
    ["a processor that starts within the workspace's tiers", processor, [workspace()], undefined],
    ["one in a workspace that is not there", processor, [], /STREAM_TENANT_NOT_FOUND/],
    ["one above the largest tier", { ...processor, tier: "SP30" }, [workspace()], /SP30 exceeds .* SP10/],
    ["one above it that does not start", { ...processor, tier: "SP30", state: "CREATED" }, [workspace()], undefined],
    ["a new one that is stopped", { ...processor, state: "STOPPED" }, [workspace()], /CREATED and STARTED/],
    ["failover to nowhere", { ...processor, failoverEnabled: true }, [workspace()], /FAILOVER_NOT_CONFIGURED/],
    [
      "failover to another region",
      { ...processor, failoverEnabled: true },
      [workspace({ failoverRegions: [{ cloudProvider: "AWS", region: "OREGON_USA" }] })],
      undefined,
    ],
  ];
  for (const [title, inputs, there, expected] of cases) {
    it(`${title}: ${expected === undefined ? "taken" : "refused"}`, () => {
      const reason = spec(processorType).refuseCreate?.({ ...inputs }, contextWith(there));
      if (expected === undefined) assert.equal(reason, undefined);
      else assert.match(String(reason), expected);
    });
  }

  it("a workspace in what cannot be a project", () => {
    const refuse = spec(workspaceType).refuseCreate;
    assert.match(String(refuse?.({ projectId: "p" }, contextWith())), /GROUP_NOT_FOUND/);
    assert.equal(refuse?.(place, contextWith()), undefined);
  });

  it("keeps a workspace in place when its region moves, and not when it fails over elsewhere", () => {
    const { replaceOn } = spec(workspaceType);
    assert.ok(replaceOn?.includes("failoverRegions") && !replaceOn.includes("dataProcessRegion"));
  });
});
