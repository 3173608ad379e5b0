import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { SlipwayError } from "../../automation/errors.ts";
import { rawSettings } from "../../config/load.ts";
import { type EnvironmentName, profiles } from "../../config/profiles.ts";
import { type EnvironmentSettings, parseSettings } from "../../config/schema.ts";
import { featureEnd, featureWorkspace, withStreamsProfile } from "../../config/streams-schema.ts";
import { stackConfig } from "../support/stack-files.ts";

const place = { projectId: "0123456789abcdef01234567", region: "VIRGINIA_USA" };
const parsed = (streams: unknown, stack: EnvironmentName = "dev") =>
  parseSettings({ ...rawSettings(stackConfig(stack)), streams }) as EnvironmentSettings;

const features = (...branches: string[]) => branches.map((branch) => ({ branch, until: "2026-12-24" }));
const virginia = { provider: "AWS", region: "VIRGINIA_USA" };

const refused: [title: string, streams: object, line: string, stack?: EnvironmentName][] = [
  ["an unknown key", { regoin: "X" }, "slipway:streams.regoin: unknown key. Did you mean slipway:streams.region?"],
  ["a short project id", { projectId: "abc" }, 'slipway:streams.projectId: got "abc", expected the id of an Atlas'],
  [
    "a region of AWS",
    { region: "us-east-1" },
    'slipway:streams.region: got "us-east-1", expected a region in the words',
  ],
  ["a workspace with spaces", { workspace: "a b" }, 'slipway:streams.workspace: got "a b", expected 1 to 64 letters'],
  ["a tier that is none", { tier: "SP100" }, 'slipway:streams.tier: got "SP100", expected one of SP2, SP5, SP10'],
  [
    "a tier above the largest",
    { tier: "SP30", maxTier: "SP10" },
    'slipway:streams.tier: got "SP30", expected SP10 or less',
  ],
  ["a canary for everything", { rollout: "canary" }, 'slipway:streams.rollout: got "canary", expected one of in-place'],
  ["a variable in small letters", { variables: { key: "s3cret" } }, 'slipway:streams.variables: got the name "key"'],
  [
    "a limit below nothing",
    { alerts: { kafkaLag: -1 } },
    "slipway:streams.alerts.kafkaLag: got -1, expected a whole number",
  ],
  ["a mail address without a host", { alerts: { subscribers: ["me"] } }, 'subscribers[0]: got "me", expected a mail'],
  ["a day that is none", { features: [{ branch: "b", until: "2026-13-40" }] }, 'features[0].until: got "2026-13-40"'],
  ["a feature without an end", { features: [{ branch: "b" }] }, "features[0].until: missing, expected a day"],
  [
    "two branches of one workspace",
    { features: features("feature/a_b", "a-b") },
    "feature/a_b has feature-a-b already",
  ],
  ["branches in prod", { features: features("a") }, "expected none in prod: branches are tried elsewhere", "prod"],
  ["failover to where it is", { failoverRegions: [virginia] }, "another region than VIRGINIA_USA itself"],
  [
    "failover to another provider",
    { failoverRegions: [{ provider: "GCP", region: "US_EAST_4" }] },
    'failoverRegions[0].provider: got "GCP", expected AWS, as of the workspace.',
  ],
];

describe("config/streams-schema", () => {
  for (const [title, streams, line, stack] of refused)
    it(`refuses ${title}`, () => {
      assert.throws(
        () => parsed({ ...place, ...streams }, stack),
        (error) => {
          assert.ok(error instanceof SlipwayError);
          assert.ok(error.message.includes(line), error.message);
          assert.ok(!error.message.includes("s3cret"), "values of variables are not shown");
          return true;
        },
      );
    });

  it("asks for a region", () => {
    assert.throws(() => parsed({}), /slipway:streams\.region: missing, expected a region in the words of Atlas/);
  });

  it("is no stream processing where the stack file has none", () => {
    const { streams: _, ...rest } = rawSettings(stackConfig("dev"));
    assert.equal((parseSettings(rest) as EnvironmentSettings).streams, undefined);
    assert.equal(withStreamsProfile(profiles.dev.streams, undefined), undefined);
  });

  for (const [stack, rollout, maxTier] of [
    ["dev", "in-place", "SP30"],
    ["staging", "in-place", "SP30"],
    ["prod", "blue-green", "SP50"],
  ] as const)
    it(`${stack}: ${rollout}, tiers up to ${maxTier} unless the stack file says otherwise`, () => {
      const { streams } = parsed(place, stack);
      assert.deepEqual([streams?.rollout, streams?.defaultMaxTier, streams?.provider], [rollout, maxTier, "AWS"]);
      const other = rollout === "in-place" ? "blue-green" : "in-place";
      assert.equal(parsed({ ...place, rollout: other }, stack).streams?.rollout, other);
    });

  it("merges limits of alerts one by one", () => {
    const { alerts } = profiles.dev.streams;
    assert.deepEqual(parsed({ ...place, alerts: { kafkaLag: 7 } }).streams?.alerts, { ...alerts, kafkaLag: 7 });
  });
});

describe("config/streams-schema: alerts", () => {
  const { alerts } = profiles.dev.streams;

  it("lose a limit that is false", () => {
    const { dlqMessages: _, ...rest } = alerts;
    assert.deepEqual(parsed({ ...place, alerts: { dlqMessages: false } }).streams?.alerts, rest);
  });

  it("take another name of a metric, and keep the rest", () => {
    const metrics = { deadLetters: "STREAM_PROCESSOR_DLQ" };
    const found = parsed({ ...place, alerts: { metrics } }).streams?.alerts;
    assert.deepEqual(found, { ...alerts, metrics: { ...alerts.metrics, ...metrics } });
  });
});

describe("config/streams-schema: workspaces of branches", () => {
  for (const [branch, workspace] of [
    ["faster", "feature-faster"],
    ["feature/faster", "feature-faster"],
    ["feature/Orders_2.0/retry", "feature-orders-2-0-retry"],
    ["fix/--x--", "feature-fix-x"],
    ["a".repeat(100), `feature-${"a".repeat(56)}`],
  ] as const)
    it(`${branch.slice(0, 30)} has ${workspace.slice(0, 30)}`, () => {
      assert.equal(featureWorkspace(branch), workspace);
    });

  it("last through the day that is named, or to the moment", () => {
    assert.equal(featureEnd({ until: "2026-12-24" }).toISOString(), "2026-12-25T00:00:00.000Z");
    assert.equal(featureEnd({ until: "2026-12-24T18:00Z" }).toISOString(), "2026-12-24T18:00:00.000Z");
  });
});
