import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alarmStates, driftProperty, openCloud } from "../../sandbox/index.ts";

const place = { account: "222222222222", region: "eu-west-1", type: "aws:cloudwatch/metricAlarm:MetricAlarm" };

describe("alarms in the sandbox", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slipway-alarms-"));
    const cloud = openCloud(directory);
    for (const name of ["errors", "latency"])
      cloud.insert(
        { ...place, id: name },
        {
          ...{ urn: `urn:pulumi:dev::slipway::${place.type}::${name}`, inputs: { name }, outputs: { name } },
          ...{ uniqueKey: undefined, handles: [], salt: 0, echoed: true, createdAt: "2026-01-01T00:00:00.000Z" },
        },
      );
    cloud.close();
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const states = (account = place.account) => alarmStates(directory, account, place.region, ["errors", "absent"]);

  it("are quiet until somebody makes them ring", () => {
    assert.deepEqual(states(), [{ name: "errors", state: "OK", reason: "" }]);
    driftProperty(directory, { resource: "errors" }, "stateValue", "ALARM");
    assert.equal(states()[0]?.state, "ALARM");
  });

  it("belong to their account", () => assert.deepEqual(states("333333333333"), []));
});
