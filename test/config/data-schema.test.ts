import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { withDataProfile } from "../../config/data-schema.ts";
import { rawSettings } from "../../config/load.ts";
import { profiles } from "../../config/profiles.ts";
import { parseSettings } from "../../config/schema.ts";
import { stackConfig } from "../support/stack-files.ts";

const dev = (data: unknown) => ({ ...rawSettings(stackConfig("dev")), data });

const bad: [title: string, data: unknown, line: string][] = [
  [
    "an unknown key",
    { objectTriger: true },
    "slipway:data.objectTriger: unknown key. Did you mean slipway:data.objectTrigger?",
  ],
  [
    "a rate above one",
    { alarms: { quarantineRate: 20 } },
    "slipway:data.alarms.quarantineRate: got 20, expected a share",
  ],
  [
    "one worker",
    { workers: { count: 1 } },
    "slipway:data.workers.count: got 1, expected a whole number from 2 to 299.",
  ],
  [
    "a worker of no type",
    { workers: { type: "Standard" } },
    'slipway:data.workers.type: got "Standard", expected one of',
  ],
  [
    "a format that is none",
    { tableFormat: "csv" },
    'slipway:data.tableFormat: got "csv", expected one of parquet, iceberg',
  ],
  ["crontab's own form", { schedule: { expression: "0 3 * * *" } }, "slipway:data.schedule.expression: got"],
  ["an address that is none", { subscribers: { critical: ["on-call"] } }, "slipway:data.subscribers.critical[0]: got"],
  ["something else", 7, "slipway:data: got 7, expected settings of the data pipeline"],
];

describe("config/data-schema", () => {
  for (const [title, data, line] of bad)
    it(`refuses ${title}`, () => {
      assert.throws(
        () => parseSettings(dev(data)),
        (error) => error instanceof SlipwayError && error.code === ExitCode.usage && error.message.includes(line),
      );
    });

  it("is the profile where the stack file says nothing", () => {
    for (const data of [undefined, {}]) {
      const settings = parseSettings(dev(data));
      assert.ok(settings.environment !== "operations");
      assert.deepEqual(settings.data, profiles.dev.data);
    }
  });

  it("changes single keys of a group and leaves the rest", () => {
    const changed = withDataProfile(profiles.prod.data, {
      schedule: { enabled: false },
      alarms: { qualityScore: 0.5 },
      subscribers: { critical: ["on-call@example.com"] },
      pollSeconds: 20,
    });
    assert.deepEqual(changed, {
      ...profiles.prod.data,
      pollSeconds: 20,
      schedule: { ...profiles.prod.data.schedule, enabled: false },
      alarms: { ...profiles.prod.data.alarms, qualityScore: 0.5 },
      subscribers: { info: [], warning: [], critical: ["on-call@example.com"] },
    });
  });
});
