import { strict as assert } from "node:assert";

import { canaryCounts, podsOf, trafficOf } from "../../../sandbox/cluster/pod-counts.ts";
import { workloadStatus } from "../../../sandbox/cluster/status.ts";
import { compressed } from "../../../sandbox/cluster/time.ts";
import { workloadsOf } from "../../../sandbox/cluster/workload.ts";
import { analysisTemplate, watchedCanary, workload } from "./manifests.ts";
import { bad, good, made, Story } from "./story.ts";

describe("the pods of a canary", () => {
  const cases: [replicas: number, weight: number, surge: number, canary: number, stable: number][] = [
    [10, 0, 1, 0, 10],
    [10, 10, 1, 1, 9],
    [10, 41, 0, 4, 6],
    [10, 45, 0, 5, 5],
    [10, 18, 1, 2, 9],
    [10, 99, 1, 10, 1],
    [10, 100, 1, 10, 0],
    [3, 10, 1, 1, 3],
    [3, 10, 0, 1, 2],
    [2, 1, 0, 1, 1],
    [1, 10, 1, 1, 1],
    [1, 10, 0, 1, 0],
    [0, 10, 1, 0, 0],
  ];
  for (const [replicas, weight, surge, canary, stable] of cases)
    it(`are ${canary} beside ${stable} for ${weight} % of ${replicas}, ${surge} more allowed`, () => {
      assert.deepEqual(canaryCounts(replicas, weight, surge), { canary, stable });
    });
});

describe("a canary", () => {
  const options = { strategy: watchedCanary };
  const [one, two, three] = [made("one", options), made("two", options), made("three", options)];
  let story: Story;
  beforeEach(() => {
    story = new Story();
    story.settle(one);
  });
  /** The second revision, ready and at its first pause. */
  const begin = (next = two) => {
    story.look(next);
    story.ready(next);
    return story.look(next);
  };

  it("does not exist for the first revision", () => {
    assert.deepEqual([story.state?.stable?.number, story.state?.update, story.state?.step], [1, undefined, 0]);
  });

  it("waits at its weight until its time is over and the analysis has measured enough", () => {
    const paused = begin();
    assert.deepEqual([paused.phase, paused.step], ["Paused", 1]);
    assert.deepEqual(
      podsOf(paused, two).map(({ role, count }) => [role, count]),
      [
        ["stable", 3],
        ["update", 1],
      ],
    );
    assert.equal(story.look(two, compressed(1_799), [good(two), good(two), good(two)]).step, 1);
    assert.equal(story.look(two, compressed(2)).step, 3);
    const again = story.look(two, compressed(601));
    assert.deepEqual([again.stable?.hash, again.update, again.phase], [two.hash, undefined, "Healthy"]);
  });

  it("does not go on without measurements, however long it takes", () => {
    begin();
    assert.equal(story.look(two, compressed(36_000)).step, 1);
  });

  it("is aborted by one failure more than the limit, and stays at its step with all traffic on the stable revision", () => {
    begin();
    assert.equal(story.look(two, 1, [bad(two), bad(two)]).aborted, false);
    const aborted = story.look(two, 1, [bad(two)]);
    assert.equal(aborted.phase, "Degraded");
    assert.match(
      aborted.message,
      /^RolloutAborted: .*revision 2: Metric "error-rate" .*failed \(3\) > failureLimit \(2\)/,
    );
    assert.equal(aborted.step, 1);
    assert.deepEqual(
      trafficOf(aborted, two, "api", () => true),
      [{ hash: one.hash, weight: 3 }],
    );
    const status = workloadStatus(aborted, two, () => true) as {
      currentStepIndex: number;
      canary: { weights: { canary: { weight: number } } };
    };
    assert.deepEqual([status.currentStepIndex, status.canary.weights.canary.weight], [1, 10]);
    assert.equal(story.look(two, compressed(360_000), [good(two)]).aborted, true);
  });

  it("is healthy at once where an aborted one goes back to the stable template", () => {
    begin();
    story.look(two, 1, [bad(two), bad(two), bad(two)]);
    const back = story.look(one);
    assert.deepEqual([back.phase, back.aborted, back.update, back.message], ["Healthy", false, undefined, ""]);
    assert.equal(begin(two).phase, "Paused");
  });

  it("begins anew with a third revision in the middle of the second", () => {
    begin();
    story.look(two, 1, [bad(two), bad(two)]);
    const next = begin(three);
    assert.deepEqual([next.stable?.hash, next.update?.number, next.metrics], [one.hash, 3, {}]);
  });

  it("takes no account of measurements of another revision", () => {
    begin();
    assert.equal(story.look(two, 1, [bad(one), bad(one), bad(one)]).aborted, false);
  });

  it("stops where its analysis cannot be judged, and says why", () => {
    const object = workload({ image: "two", strategy: watchedCanary });
    const [odd] = workloadsOf([object, analysisTemplate("all(result, # < 1)")]);
    assert.ok(odd);
    begin(odd);
    const stopped = story.look(odd, 1, [good(odd)]);
    assert.deepEqual([stopped.phase, stopped.aborted], ["Paused", false]);
    assert.match(stopped.message, /^InconclusiveAnalysisRun: the sandbox judges "result\[0\] <= X"/);
  });

  it("takes no steps on the way back to what was stable within its window", () => {
    const changes = {
      rollbackWindow: { revisions: 3 },
      strategy: { canary: { steps: [{ setWeight: 10 }, { pause: {} }] } },
    };
    const [old, next] = [made("old", {}, changes), made("next", {}, changes)];
    const other = new Story();
    for (const each of [old, next]) other.ready(each);
    other.settle(old);
    other.look(next);
    if (other.state) other.state = { ...other.state, promote: true };
    assert.equal(other.look(next).stable?.hash, next.hash);
    assert.equal(other.look(old).stable?.hash, old.hash);
  });
});
