import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, it } from "mocha";
import { pipelineDefinition } from "../../../../components/data/state-machine/pipeline-definition.ts";
import { type MiniStack, startMiniStack } from "../../../support/ministack.ts";
import { definitionArgs } from "./args.ts";
import { failure, start } from "./emulator-cases.ts";
import { type Execution, Lab } from "./lab.ts";
import type { Scenario } from "./stand-ins.ts";

const commit = {
  name: "slipway-dev-data-commit-iceberg",
  arn: "arn:aws:glue:us-east-1:222222222222:job/slipway-dev-data-commit-iceberg",
};
const machine = () =>
  pipelineDefinition({ ...definitionArgs, jobs: { ...definitionArgs.jobs, commit_iceberg: commit } });
const job = (name: string) => [name, `${name}Wait`, `${name}Status`, `${name}Result`];

// The package has no types and is CommonJS.
const validate = createRequire(import.meta.url)("asl-validator") as (
  definition: unknown,
  options: { checkPaths: boolean; checkArn: boolean },
) => { isValid: boolean; errorsText(): string };

describe("components/data/state-machine/pipelineDefinition, with tables of Iceberg", () => {
  it("adds states between publishing and telling of it, and a way to catch up", () => {
    const states = (some: { definition: object }) =>
      Object.keys((some.definition as { States: Record<string, unknown> }).States);
    const plain = states(pipelineDefinition(definitionArgs));
    assert.deepEqual(
      states(machine()).filter((name) => !plain.includes(name)),
      ["PublishedTables", "KeepAnswer", ...job("CommitIceberg"), ...job("CatchUp")],
    );
  });

  it("is valid to the letter of the language", () => {
    const result = validate(structuredClone(machine().definition), { checkPaths: true, checkArn: true });
    assert.equal(result.isValid, true, result.errorsText());
  });

  it("may start the job and look at it", () => {
    for (const sid of ["StartJobs", "WatchJobs"]) {
      const statement = machine().statements.find((one) => one.sid === sid);
      assert.equal(statement?.resources?.length, 4);
      assert.ok(statement?.resources?.includes(commit.arn));
    }
  });
});

describe("pipeline with tables of Iceberg in the emulator", function () {
  this.timeout(240_000);
  let cloud: MiniStack;
  let lab: Lab;

  before(async () => {
    cloud = await startMiniStack({ SFN_WAIT_SCALE: "0.005" });
    lab = new Lab(cloud, ["commit_iceberg"]);
    await lab.prepare();
  });
  after(async () => await cloud.stop());

  // What was only rejected is published as well, and takes the short way there.
  const rejected = { accepted: 0, rejected: 1 };
  const behind = { accepted: 0, behind: true };
  const published = [...start, "Publish", "PublishedTables"];
  const told = ["NotifyPublished", "Published"];
  const report = (runId: string) => ({ report: `s3://processed/_runs/${runId}/report.json` });

  const ends: [title: string, scenario: Scenario, mode: string, path: string[], output: object][] = [
    [
      "commits what a live run published before anybody is told, and answers as ever",
      rejected,
      "live",
      [...published, "KeepAnswer", ...job("CommitIceberg"), ...told],
      report("run-1"),
    ],
    ["leaves out verification runs", rejected, "verification", [...published, ...told], report("run-2")],
    ["catches up where nothing else is to be done", behind, "live", [...start, ...job("CatchUp"), "NothingToDo"], {}],
    ["does nothing where nothing is to be done", { accepted: 0 }, "live", [...start, "NothingToDo"], {}],
  ];
  ends.forEach(([title, scenario, mode, path, output], at) => {
    it(title, async () => {
      const runId = `run-${at + 1}`;
      const execution = await lab.run(scenario, { input: { runId, mode } });
      assert.deepEqual([execution.path, execution.status], [path, "SUCCEEDED"]);
      assert.deepEqual(execution.output, { runId, mode, ...output });
    });
  });

  const fails: [state: string, scenario: Scenario, before: string[]][] = [
    ["CommitIceberg", rejected, [...published, "KeepAnswer"]],
    ["CatchUp", behind, start],
  ];
  for (const [state, scenario, path] of fails) {
    it(`fails on the one way where the job of ${state} fails`, async () => {
      const execution: Execution = await lab.run({ ...scenario, breaks: "commit_iceberg" });
      assert.deepEqual(execution.path, [...path, ...job(state), ...failure]);
      assert.equal(execution.error, "PipelineFailed");
      const [message] = await lab.messages(execution.arn, 1);
      assert.deepEqual([message?.severity, message?.facts["state"]], ["critical", state]);
      assert.match(String(message?.facts["cause"]), /ended FAILED\. was told to fail/);
    });
  }
});
