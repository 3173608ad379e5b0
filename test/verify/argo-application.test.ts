import assert from "node:assert/strict";
import { judgeApplication } from "../../automation/verify/kinds/argo-application.ts";

const image = `registry/api@sha256:${"a".repeat(64)}`;
const application = (health: string, sync: string, images: string[], message?: string) => ({
  status: {
    health: { status: health, ...(message === undefined ? {} : { message }) },
    sync: { status: sync },
    summary: { images },
  },
});

const table: [name: string, body: unknown, state: string, detail: string][] = [
  [
    "runs what was released",
    application("Healthy", "Synced", [image]),
    "passed",
    "Healthy, Synced, runs 1 released image",
  ],
  [
    "runs more than was released",
    application("Healthy", "Synced", ["sidecar@x", image]),
    "passed",
    "Healthy, Synced, runs 1 released image",
  ],
  ["still runs the image before", application("Healthy", "Synced", ["old"]), "pending", `runs old, expected ${image}`],
  ["runs nothing yet", application("Healthy", "Synced", []), "pending", `runs no image, expected ${image}`],
  ["is rolling out", application("Progressing", "Synced", [image]), "pending", "health Progressing, sync Synced"],
  [
    "waits for a person",
    application("Suspended", "Synced", [image], "BlueGreenPause"),
    "pending",
    "health Suspended, sync Synced: BlueGreenPause",
  ],
  ["is out of sync", application("Healthy", "OutOfSync", [image]), "pending", "health Healthy, sync OutOfSync"],
  ["is degraded", application("Degraded", "Synced", [image], "crash loop"), "failed", "Degraded: crash loop"],
  ["has no status yet", {}, "pending", "health Unknown, sync Unknown"],
];

describe("an Argo CD application that", () => {
  for (const [name, body, state, detail] of table)
    it(`${name} is ${state}`, () => assert.deepEqual(judgeApplication(body, { images: [image] }), { state, detail }));

  describe("before it has seen the commit that was delivered", () => {
    const revision = "c".repeat(40);
    const at = (health: string, commit?: string) => {
      const { status } = application(health, "Synced", [image]);
      return { status: { ...status, sync: { status: "Synced", ...(commit && { revision: commit }) } } };
    };
    const judge = (body: unknown) => judgeApplication(body, { images: [image], revision });

    it("is waited for, however well or ill it is", () => {
      const detail = "Synced at dddddddddddd, expected cccccccccccc";
      for (const health of ["Healthy", "Degraded"])
        assert.deepEqual(judge(at(health, "d".repeat(40))), { state: "pending", detail });
      assert.equal(judge(at("Healthy")).detail, "Synced at no commit, expected cccccccccccc");
    });

    it("counts from then on", () => {
      assert.equal(judge(at("Healthy", revision)).state, "passed");
      assert.equal(judge(at("Degraded", revision)).state, "failed");
    });
  });

  it("is something else altogether fails for good", () => {
    assert.equal(judgeApplication({ status: { health: 3 } }, { images: [image] }).state, "failed");
  });
});
