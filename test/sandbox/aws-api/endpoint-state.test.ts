import { strict as assert } from "node:assert";
import fc from "fast-check";

import {
  advanced,
  createdEndpoint,
  sharesOf,
  updatedEndpoint,
  watchedAlarms,
  type EndpointSeen,
  type EndpointState,
  type Fleet,
} from "../../../sandbox/aws-api/sagemaker/endpoint-state.ts";
import { deploymentProblem, rollbackAlarms, stepsOf } from "../../../sandbox/aws-api/sagemaker/steps.ts";

const fleet = (config: string): Fleet => ({
  config,
  variants: [
    {
      name: "AllTraffic",
      weight: 1,
      instances: 1,
      members: {},
      model: config,
      container: { image: "i", environment: {} },
    },
  ],
});
const seen = (now: number, changes: Partial<EndpointSeen> = {}): EndpointSeen => ({
  ...{ now, from: 0, green: { ready: true }, ringing: [] },
  ...changes,
});
const routing = (Type: string, more: object, termination = 0) => ({
  BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type, ...more }, TerminationWaitInSeconds: termination },
});
const percent = (Value: number) => ({ Type: "CAPACITY_PERCENT", Value });

describe("steps of an endpoint's update", () => {
  const cases: [title: string, deployment: object, steps: [percent: number, seconds: number][]][] = [
    ["nothing said", {}, [[100, 0]]],
    ["all at once", routing("ALL_AT_ONCE", { WaitIntervalInSeconds: 60 }, 300), [[100, 300]]],
    ["canary", routing("CANARY", { CanarySize: percent(10), WaitIntervalInSeconds: 1_800 }, 60), [[10, 1_800], [100, 60]]],
    ["canary of an instance", routing("CANARY", { CanarySize: { Type: "INSTANCE_COUNT", Value: 1 }, WaitIntervalInSeconds: 5 }), [[25, 5], [100, 0]]],
    ["linear", routing("LINEAR", { LinearStepSize: percent(40), WaitIntervalInSeconds: 9 }, 3), [[40, 9], [80, 9], [100, 3]]],
    ["rolling", { RollingUpdatePolicy: { MaximumBatchSize: percent(50), WaitIntervalInSeconds: 7 } }, [[50, 7], [100, 7]]],
  ]; // prettier-ignore
  for (const [title, deployment, steps] of cases)
    it(`are those of the policy: ${title}`, () =>
      assert.deepEqual(stepsOf({ ...deployment }, 4).map((step) => [step.percent, step.seconds]), steps)); // prettier-ignore

  it("are refused where SageMaker would", () => {
    const member = (deployment: object) =>
      deploymentProblem({ ...deployment })?.[0]
        .split(".")
        .slice(-2)
        .join(".");
    const wait = { WaitIntervalInSeconds: 60 };
    assert.equal(member({}), undefined);
    assert.equal(member(routing("CANARY", { CanarySize: percent(50), ...wait })), undefined);
    assert.equal(member(routing("CANARY", { CanarySize: percent(51), ...wait })), "CanarySize.Value");
    assert.equal(member(routing("LINEAR", wait)), "LinearStepSize.Value");
    assert.equal(member(routing("BLUE", wait)), "TrafficRoutingConfiguration.Type");
    assert.equal(
      member(routing("ALL_AT_ONCE", { WaitIntervalInSeconds: 3_601 })),
      "TrafficRoutingConfiguration.WaitIntervalInSeconds",
    );
  });

  it("name the alarms that end it", () =>
    assert.deepEqual(rollbackAlarms({ AutoRollbackConfiguration: { Alarms: [{ AlarmName: "a" }, {}] } }), ["a"]));
});

describe("an endpoint's way", () => {
  const serving: EndpointState = {
    ...advancedTwice(createdEndpoint("lab", fleet("one"), 0)),
    failure: "an earlier one",
  };
  const updating = updatedEndpoint(
    serving,
    { to: fleet("two"), deployment: {}, steps: [{ percent: 10, seconds: 3_600 }, { percent: 100, seconds: 0 }] },
    1_000,
  ); // prettier-ignore
  const shares = (state: EndpointState) => sharesOf(state).map((share) => `${share.fleet.config} ${share.percent}`);

  function advancedTwice(state: EndpointState): EndpointState {
    return advanced(advanced(state, seen(1)), seen(2));
  }

  it("serves nothing until it was created", () => {
    const creating = createdEndpoint("lab", fleet("one"), 0);
    assert.deepEqual([creating.status, shares(creating)], ["Creating", []]);
    assert.deepEqual([serving.status, shares(serving)], ["InService", ["one 100"]]);
    const failed = advanced(creating, seen(1, { green: { ready: false, failure: "broken" } }));
    assert.deepEqual([failed.status, failed.failure, shares(failed)], ["Failed", "broken", []]);
  });

  it("waits for the new side, then moves in steps of an hour that is a second", () => {
    const starting = advanced(updating, seen(1_500, { green: { ready: false } }));
    assert.equal(starting, updating);
    assert.deepEqual([starting.failure, shares(starting)], [undefined, ["one 100"]]);
    const first = advanced(starting, seen(2_000));
    assert.deepEqual(shares(first), ["one 90", "two 10"]);
    assert.equal(advanced(first, seen(2_999)), first);
    const second = advanced(first, seen(3_000));
    assert.deepEqual([second.status, shares(second)], ["Updating", ["two 100"]]);
    const done = advanced(second, seen(3_001));
    assert.deepEqual([done.status, done.serves.config, done.update], ["InService", "two", undefined]);
  });

  it("goes back for an alarm, a failed process, or one that is late", () => {
    const first = advanced(updating, seen(2_000));
    const ways: [Partial<EndpointSeen>, RegExp][] = [
      [{ ringing: ["errors"] }, /in ALARM: errors/],
      [{ green: { ready: false, failure: "crashed" } }, /^crashed$/],
      [{ now: 60_000, green: { ready: false } }, /healthy in time/],
    ];
    for (const [what, failure] of ways) {
      const back = advanced(first, seen(2_500, what));
      assert.deepEqual([back.status, back.serves.config, shares(back)], ["InService", "one", ["one 100"]]);
      assert.match(back.failure ?? "", failure);
    }
  });

  it("calls nothing late that could not run while nobody looked", () => {
    const first = advanced(updating, seen(2_000));
    assert.equal(advanced(first, seen(60_000, { from: 59_000, green: { ready: false } })), first);
  });

  it("looks at alarms during an update alone", () => {
    const deployment = { AutoRollbackConfiguration: { Alarms: [{ AlarmName: "errors" }] } };
    const update = { to: fleet("two"), deployment, steps: [{ percent: 100, seconds: 0 }] };
    assert.deepEqual(watchedAlarms(updatedEndpoint(serving, update, 0)), ["errors"]);
    assert.deepEqual(watchedAlarms(serving), []);
  });

  it("always shares all of the traffic, and comes to an end", () => {
    const sizes = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(sizes, fc.nat(3_600), fc.constantFrom("CANARY", "LINEAR", "ALL_AT_ONCE"), (size, wait, type) => {
        const more = { CanarySize: percent(size), LinearStepSize: percent(size), WaitIntervalInSeconds: wait };
        const steps = stepsOf(routing(type, more), 1);
        let state = updatedEndpoint(serving, { to: fleet("two"), deployment: {}, steps }, 0);
        for (let rounds = 0; state.update !== undefined; rounds += 1) {
          assert.ok(rounds <= steps.length + 1);
          assert.equal(sharesOf(state).reduce((sum, share) => sum + share.percent, 0), 100); // prettier-ignore
          state = advanced(state, seen((rounds + 1) * 1_001));
        }
        assert.equal(state.serves.config, "two");
      }),
    );
  });
});
