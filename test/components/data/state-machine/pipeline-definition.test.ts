import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, it } from "mocha";
import { pipelineDefinition } from "../../../../components/data/state-machine/pipeline-definition.ts";
import { definitionArgs } from "./args.ts";

interface Rendered {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  Catch?: { ErrorEquals: string[]; Next: string; Output: { state?: string } | string }[];
  Retry?: { ErrorEquals: string[] }[];
  Arguments?: Record<string, unknown>;
  TimeoutSeconds?: number;
  Seconds?: number;
}

interface Definition {
  StartAt: string;
  TimeoutSeconds: number;
  States: Record<string, Rendered>;
}

const definition = (args = definitionArgs) => pipelineDefinition(args).definition as unknown as Definition;
const states = Object.entries(definition().States);

/** Where a state leads when nothing goes wrong. */
const onward = ({ Next, Choices = [], Default }: Rendered) => [
  ...Choices.map((choice) => choice.Next),
  ...[Next, Default].filter((name) => name !== undefined),
];

const polled = (state: string, next: string): [string, string[]][] => [
  [state, [`${state}Wait`]],
  [`${state}Wait`, [`${state}Status`]],
  [`${state}Status`, [`${state}Result`]],
  [`${state}Result`, [next, `${state}Wait`, "NotifyFailure"]],
];

// The package has no types and is CommonJS.
const validate = createRequire(import.meta.url)("asl-validator") as (
  definition: unknown,
  options: { checkPaths: boolean; checkArn: boolean },
) => { isValid: boolean; errorsText(): string };

describe("components/data/state-machine/pipelineDefinition", () => {
  it("leads from delivery to publication, or out of it", () => {
    assert.equal(definition().StartAt, "Prepare");
    assert.deepEqual(
      states.map(([name, state]) => [name, onward(state)]),
      [
        ["Prepare", ["Validate"]],
        ["Validate", ["Pending"]],
        ["Pending", ["Transform", "Publish", "NothingToDo"]],
        ["NothingToDo", []],
        ...polled("Transform", "Features"),
        ...polled("Features", "Catalog"),
        ["Catalog", ["Quality"]],
        ...polled("Quality", "QualityGate"),
        ["QualityGate", ["GoodEnough"]],
        ["GoodEnough", ["Publish", "Quarantine"]],
        ["Publish", ["NotifyPublished"]],
        ["PublishError", ["Validate", "NotifyFailure"]],
        ["NotifyPublished", ["Published"]],
        ["Published", []],
        ["Quarantine", ["NotifyQuality"]],
        ["NotifyQuality", ["QualityGateFailed"]],
        ["QualityGateFailed", []],
        ["NotifyFailure", ["PipelineFailed"]],
        ["PipelineFailed", []],
      ],
    );
  });

  it("has one failure path: each task leads all its errors there, and says which it was", () => {
    const tasks = states.filter(([, { Type }]) => Type === "Task");
    const special: Record<string, string> = { Publish: "PublishError", NotifyFailure: "PipelineFailed" };
    for (const [name, { Catch = [] }] of tasks) {
      assert.deepEqual(
        Catch.map(({ ErrorEquals, Next }) => [ErrorEquals, Next]),
        [[["States.ALL"], special[name] ?? "NotifyFailure"]],
      );
      const output = Catch[0]?.Output;
      if (name !== "NotifyFailure") assert.deepEqual(output, { state: name, failure: "{% $states.errorOutput %}" });
    }
    assert.equal(tasks.length, 14);
  });

  it("bounds and repeats every call", () => {
    const tasks = states.filter(([, { Type }]) => Type === "Task");
    for (const [name, { TimeoutSeconds = 0, Retry = [] }] of tasks) {
      assert.ok(TimeoutSeconds > 0 && TimeoutSeconds <= 960, name);
      assert.ok(Retry.length > 0, name);
      const errors = Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
      // A function's own errors mean the same the second time, and a lost race has to be seen.
      if (!name.startsWith("Notify"))
        assert.ok(
          errors.every((error) => /^(Lambda|Glue)\./.test(error)),
          name,
        );
    }
    assert.equal(definition().TimeoutSeconds, 3600);
  });

  it("hands each job its run, and waits as long as it is told", () => {
    const { Transform, TransformWait } = definition({ ...definitionArgs, pollSeconds: 7 }).States;
    assert.deepEqual(Transform?.Arguments, {
      JobName: "slipway-dev-data-raw-to-processed",
      Arguments: { "--run_id": "{% $run.runId %}", "--mode": "{% $run.mode %}", "--prefix": "{% $run.prefix %}" },
    });
    assert.equal(TransformWait?.Seconds, 7);
  });

  it("is valid to the letter of the language", () => {
    const result = validate(structuredClone(definition()), { checkPaths: true, checkArn: true });
    assert.equal(result.isValid, true, result.errorsText());
  });

  it("would not be valid with a target that is missing", () => {
    const { Published: _, ...rest } = definition().States;
    const result = validate(structuredClone({ ...definition(), States: rest }), { checkPaths: true, checkArn: true });
    assert.equal(result.isValid, false);
  });
});
