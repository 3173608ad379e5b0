import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type MiniStack, startMiniStack } from "../../../support/ministack.ts";
import { cases, failure, start, tasks, withoutTarget } from "./emulator-cases.ts";
import { type Execution, Lab } from "./lab.ts";

function assertFacts(actual: Record<string, unknown>, expected: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(expected)) {
    if (value instanceof RegExp) assert.match(String(actual[key]), value);
    else assert.deepEqual(actual[key], value);
  }
}

/** Results in order, a few under way at a time: two cores carry no more. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return results;
}

describe("pipeline in the emulator", function () {
  this.timeout(240_000);
  let cloud: MiniStack;
  let lab: Lab;
  let executions: Execution[] = [];

  before(async () => {
    cloud = await startMiniStack({ SFN_WAIT_SCALE: "0.005" });
    lab = new Lab(cloud);
    await lab.prepare();
    executions = await inTurns(cases, async ({ scenario, options, meanwhile }) => {
      const arn = await lab.start(scenario, options?.(lab));
      await meanwhile?.(lab, scenario);
      return await lab.ended(arn);
    });
  });
  after(async () => await cloud.stop());

  cases.forEach(({ title, path, error, message, facts = {} }, at) => {
    it(title, async () => {
      const execution = executions[at] as Execution;
      assert.deepEqual(execution.path, path);
      assert.deepEqual([execution.status, execution.error], [error === undefined ? "SUCCEEDED" : "FAILED", error]);
      const messages = await lab.messages(execution.arn, message === undefined ? 0 : 1);
      assert.deepEqual(
        messages.map(({ severity }) => severity),
        message === undefined ? [] : [message],
      );
      assertFacts(messages[0]?.facts ?? {}, facts);
    });
  });

  it("walks every state of the definition", () => {
    const walked = new Set(cases.flatMap(({ path }) => path));
    assert.deepEqual(
      Object.keys(lab.states).filter((name) => !walked.has(name)),
      [],
    );
    const calling = Object.entries(lab.states).flatMap(([name, { Type }]) => (Type === "Task" ? [name] : []));
    assert.deepEqual(tasks.toSorted(), calling.filter((name) => name !== "NotifyFailure").toSorted());
  });

  const races: [title: string, failure: { Error: string; Cause: string }, path: string[]][] = [
    ["a lost race as AWS reports it", { Error: "StaleBase", Cause: "{}" }, ["Validate"]],
    ["no lost race in another error that mentions one", { Error: "KeyError", Cause: "StaleBase" }, failure],
  ];
  for (const [title, reported, path] of races) {
    it(`sees ${title}`, async () => {
      const Output = { state: "Publish", failure: reported };
      const Prepare = { ...lab.states["Prepare"], Output, Next: "PublishError" };
      const execution = await lab.run({}, { states: { ...lab.states, Prepare, Validate: { Type: "Succeed" } } });
      assert.deepEqual(execution.path, ["Prepare", "PublishError", ...path]);
    });
  }

  it("still fails where nobody can be told", async () => {
    const states = withoutTarget(withoutTarget(lab.states, "NotifyFailure"), "Validate");
    const { path, error, cause } = await lab.run({}, { states });
    assert.deepEqual([path, error], [[...start.slice(0, 2), ...failure], "PipelineFailed"]);
    assert.match(cause ?? "", /^Validate: Lambda\.ResourceNotFoundException: /);
  });

  it("takes the id of the run from the execution, in letters that a run id may have", async () => {
    const name = `4E40C91D-D6F8_${"7a0ff2d0-2d29-".repeat(5)}`.slice(0, 80);
    const { output } = await lab.run({ accepted: 0 }, { name });
    assert.deepEqual(output, { runId: name.toLowerCase().replaceAll("_", "-").slice(0, 64), mode: "live" });
  });

  it("keeps the id and the mode that it is given", async () => {
    const input = { runId: "run-1", mode: "verification" };
    const { output } = await lab.run({}, { input });
    assert.deepEqual(output, { ...input, report: "s3://processed/_runs/run-1/report.json" });
  });
});
