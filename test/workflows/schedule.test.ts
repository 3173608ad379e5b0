import assert from "node:assert/strict";
import { jobs, workflow } from "./workflows.ts";

const scheduled = workflow("scheduled.yml");
const called = Object.entries(scheduled.jobs);

describe("schedules", () => {
  it("are those that processors, drift and windows ask for, and each has its jobs", () => {
    const crons = (scheduled.on.schedule ?? []).map(({ cron }) => cron);
    assert.deepEqual(crons, ["0 */6 * * *", "30 3 * * *", "0 6 * * 1", "5 * * * *"]);
    const waiting = crons.map((cron) =>
      called.filter(([, job]) => job.if?.includes(`github.event.schedule == '${cron}'`)).map(([name]) => name),
    );
    assert.deepEqual(waiting, [["monitor"], ["backup", "drift"], ["secrets"], ["promote", "sweep"]]);
    const named = called.flatMap(([, job]) => [...(job.if ?? "").matchAll(/schedule == '([^']+)'/gu)]);
    for (const [, cron] of named) assert.ok(crons.includes(cron ?? ""), cron);
  });

  it("may all be run by hand", () => {
    const tasks = scheduled.on.workflow_dispatch?.inputs["task"]?.options ?? [];
    assert.deepEqual(tasks, ["monitor", "nightly", "secrets", "promote", "sweep"]);
    for (const task of tasks)
      assert.ok(
        called.some(([, job]) => job.if?.includes(`inputs.task == '${task}'`)),
        task,
      );
  });

  it("call tasks that the workflows have", () => {
    const steps = JSON.stringify(workflow("preview.yml").jobs["look"]);
    for (const [name, { uses, with: given }] of called) {
      if (uses === undefined) continue;
      const task = given?.["task"] ?? "";
      if (uses.endsWith("preview.yml")) assert.ok(steps.includes(`inputs.task == '${task}'`), name);
      else assert.ok(["promote", "reconcile", "sweep"].includes(task), name);
    }
    assert.deepEqual(
      called.filter(([, { uses }]) => uses?.endsWith("deploy.yml")).map(([name]) => name),
      ["reconcile", "promote", "sweep"],
    );
  });

  it("read the age of secrets with a token that may do nothing else, and no role", () => {
    const { secrets } = scheduled.jobs;
    assert.deepEqual([secrets?.environment, secrets?.permissions], ["dev", { contents: "read" }]);
    const all = secrets?.steps ?? [];
    const app = all.find(({ id }) => id === "app")?.with ?? {};
    assert.deepEqual(
      Object.entries(app).filter(([name]) => name.startsWith("permission-")),
      [
        ["permission-actions", "read"],
        ["permission-environments", "read"],
      ],
    );
    assert.ok(all.every((step) => step.with?.["role"] === undefined));
    assert.match(all.at(-1)?.run ?? "", /ci secrets --max-age-days 90$/u);
  });

  it("repair drift only where there is any", () => {
    const { needs, if: condition } = scheduled.jobs["reconcile"] ?? {};
    assert.deepEqual([needs, condition], ["drift", "failure()"]);
  });

  it("keep what they measured and saved for 90 days", () => {
    const kept = jobs
      .filter(({ at }) => at === "preview.yml: look")
      .flatMap(({ job }) => job.steps ?? [])
      .filter(({ uses }) => uses?.startsWith("actions/upload-artifact@"));
    assert.deepEqual(
      kept.map(({ with: given }) => given?.["retention-days"]),
      [90],
    );
  });
});
