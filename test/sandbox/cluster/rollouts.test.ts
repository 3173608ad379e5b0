import { strict as assert } from "node:assert";

import { startAllowanceMs } from "../../../sandbox/cluster/advance.ts";
import { podsOf, trafficOf } from "../../../sandbox/cluster/pod-counts.ts";
import type { WorkloadState } from "../../../sandbox/cluster/state.ts";
import { healthOf, worst } from "../../../sandbox/cluster/status.ts";
import { compressed } from "../../../sandbox/cluster/time.ts";
import type { Workload } from "../../../sandbox/cluster/workload.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { watchedCanary } from "./manifests.ts";
import { bad, made, Story } from "./story.ts";

describe("pods that do not get ready", () => {
  const options = { progressDeadlineSeconds: 600, strategy: watchedCanary };
  const [one, two] = [made("one", options), made("two", options)];
  const aborting = made("two", options, { progressDeadlineAbort: true, strategy: watchedCanary });
  let story: Story;
  beforeEach(() => {
    story = new Story();
    story.settle(one);
  });

  it("are waited for as long as a process may take to start here", () => {
    story.look(two);
    story.pods[two.hash] = { ready: false, since: story.now };
    assert.equal(story.look(two, startAllowanceMs).phase, "Progressing");
    const late = story.look(two, 1);
    assert.equal(late.phase, "Degraded");
    assert.match(late.message, /^ProgressDeadlineExceeded: Rollout "api" has timed out progressing/);
  });

  it("are given the compressed deadline once it is known that they will not", () => {
    story.look(two);
    story.fails(two, "CrashLoopBackOff: boom");
    assert.equal(story.look(two, compressed(600)).phase, "Progressing");
    assert.match(story.look(two, 1).message, /ProgressDeadlineExceeded.*CrashLoopBackOff: boom$/);
    assert.deepEqual(
      trafficOf(story.state as WorkloadState, two, "api", (hash) => hash === one.hash),
      [{ hash: one.hash, weight: 3 }],
    );
  });

  it("abort the update where the Rollout says so", () => {
    story.look(aborting);
    story.fails(aborting, "ImagePullBackOff: gone");
    const late = story.look(aborting, compressed(600) + 1);
    assert.equal(late.aborted, true);
    assert.match(late.message, /^RolloutAborted: .*ProgressDeadlineExceeded.*ImagePullBackOff: gone$/);
  });
});

describe("blue-green", () => {
  const strategy = (changes: Properties = {}) => ({
    blueGreen: {
      activeService: "api",
      previewService: "api-preview",
      autoPromotionEnabled: false,
      scaleDownDelaySeconds: 3_600,
      ...changes,
    },
  });
  const [one, two] = [made("one", { strategy: strategy() }), made("two", { strategy: strategy() })];
  const served = (story: Story, wanted: Workload, service: string) =>
    trafficOf(story.state as WorkloadState, wanted, service, () => true).map(({ hash }) => hash);

  it("shows the new revision in the preview alone until it is promoted, then keeps the old one for a while", () => {
    const story = new Story();
    story.settle(one);
    story.ready(two);
    const paused = story.look(two, compressed(36_000));
    assert.equal(paused.phase, "Paused");
    assert.match(
      healthOf(paused, two, "c").message ?? "",
      /BlueGreenPause: waits for its promotion; \.\/slipway sandbox promote c services\/api/,
    );
    assert.deepEqual([served(story, two, "api"), served(story, two, "api-preview")], [[one.hash], [two.hash]]);
    story.state = { ...paused, promote: true };
    const switched = story.look(two);
    assert.deepEqual([switched.phase, served(story, two, "api")], ["Healthy", [two.hash]]);
    assert.deepEqual(
      podsOf(switched, two).map(({ role }) => role),
      ["stable", "old"],
    );
    assert.deepEqual(
      podsOf(story.look(two, compressed(3_600)), two).map(({ role }) => role),
      ["stable"],
    );
  });

  it("switches by itself where it may, and back where the analysis after it fails", () => {
    const after = strategy({
      autoPromotionEnabled: true,
      postPromotionAnalysis: { templates: [{ templateName: "error-rate" }] },
    });
    const [old, next] = [made("one", { strategy: after }), made("two", { strategy: after })];
    const story = new Story();
    story.settle(old);
    story.ready(next);
    story.look(next);
    assert.deepEqual([story.look(next).step, served(story, next, "api")], [1, [next.hash]]);
    const aborted = story.look(next, 1, [bad(next), bad(next), bad(next)]);
    assert.deepEqual([aborted.phase, served(story, next, "api")], ["Degraded", [old.hash]]);
  });
});

describe("a sandbox without processes", () => {
  it("takes every revision at once", () => {
    const story = Story.simulated();
    const strategies = [{ strategy: watchedCanary }, { strategy: { blueGreen: { autoPromotionEnabled: false } } }, {}];
    for (const [at, options] of strategies.entries()) {
      const wanted = made(`image-${at}`, options);
      assert.deepEqual([story.look(wanted).phase, story.state?.stable?.hash], ["Healthy", wanted.hash]);
    }
  });
});

describe("a rolling update", () => {
  it("keeps the old pods until the new ones are ready", () => {
    const [one, two] = [made("one"), made("two")];
    const story = new Story();
    story.settle(one);
    const waiting = story.look(two);
    assert.equal(waiting.phase, "Progressing");
    assert.deepEqual(
      trafficOf(waiting, two, "api", (hash) => hash === one.hash),
      [{ hash: one.hash, weight: 3 }],
    );
    story.ready(two);
    assert.equal(story.look(two).stable?.hash, two.hash);
  });
});

describe("the health of an Application", () => {
  it("is that of the worst of its objects", () => {
    const of = (...statuses: ("Healthy" | "Suspended" | "Progressing" | "Degraded")[]) =>
      worst(statuses.map((status) => ({ status }))).status;
    assert.equal(of(), "Healthy");
    assert.equal(of("Healthy", "Suspended"), "Suspended");
    assert.equal(of("Suspended", "Progressing"), "Progressing");
    assert.equal(of("Degraded", "Progressing", "Healthy"), "Degraded");
  });
});
