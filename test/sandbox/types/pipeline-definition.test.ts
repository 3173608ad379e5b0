import assert from "node:assert/strict";

import { modelPipeline } from "../../../model/pipeline/housing.ts";
import { renderDefinition } from "../../../model/pipeline/render.ts";
import { pipelineProblems } from "../../../sandbox/types/aws/sagemaker-definition.ts";
import { accuracy, check, definition, parameters, preprocess, train, withStep } from "./pipeline-resources.ts";

const step = (more: Record<string, unknown>) => withStep({ Name: "more", Type: "Training", Arguments: {}, ...more });
const reference = (path: string) => step({ Arguments: { Value: { Get: path } } });
const condition = (one: Record<string, unknown>) =>
  definition({ Steps: [preprocess, train, check({ Conditions: [one] })] });

describe("type tables: definitions of SageMaker pipelines", () => {
  const taken: [what: string, source: string][] = [
    ["a pipeline with a condition, a property file and joins", definition()],
    ["a step that only waits for another", step({ DependsOn: ["train-model"] })],
    ["what a step behind a condition made", reference("Steps.register-model.ModelPackageArn")],
    ["durations of days and of hours", step({ CacheConfig: { Enabled: true, ExpireAfter: "T12H" } })],
    ["alternatives", condition({ Type: "Or", Conditions: [{ Type: "Equals", LeftValue: accuracy, RightValue: 1 }] })],
    ["one of several values", condition({ Type: "In", QueryValue: accuracy, Values: [1, 2] })],
  ];
  for (const [what, source] of taken)
    it(`takes ${what}`, () => {
      assert.deepEqual(pipelineProblems(source), []);
    });

  const refused: [source: string, expected: RegExp][] = [
    ["{", /not valid JSON/],
    ["[]", /Version must be '2020-12-01', got nothing/],
    [definition({ Version: "2019-01-01" }), /Version must be '2020-12-01', got "2019-01-01"/],
    [definition({ Steps: [] }), /at least one step/],
    [definition({ Parameters: [...parameters, ...parameters] }), /Parameter 'InputManifest' is defined twice/],
    [definition({ Parameters: [...parameters, { Name: "x", Type: "Number" }] }), /Type of parameter 'x'/],
    [definition({ Parameters: [...parameters, { Name: "a b", Type: "String" }] }), /'a b' is no name/],
    [
      definition({ Parameters: [...parameters, { Name: "x", Type: "Integer", DefaultValue: 1.5 }] }),
      /DefaultValue of parameter 'x' must be of type Integer/,
    ],
    [
      definition({ Parameters: [...parameters, { Name: "x", Type: "String", DefaultValue: "c", EnumValues: ["a"] }] }),
      /not among its EnumValues/,
    ],
    [step({ Name: "train-model" }), /Step names must be unique, 'train-model'/],
    [step({ Name: "register-model" }), /Step names must be unique, 'register-model'/],
    [step({ Name: "a.b" }), /Step name 'a\.b'/],
    [step({ Type: "Magic" }), /Type 'Magic' of step 'more'/],
    [step({ Arguments: undefined }), /'more' has no Arguments/],
    [step({ DependsOn: ["nobody"] }), /depends on 'nobody', which is no step/],
    [step({ CacheConfig: { Enabled: true, ExpireAfter: "soon" } }), /ExpireAfter of step 'more'/],
    [step({ CacheConfig: { ExpireAfter: "P1D" } }), /must say whether it is Enabled/],
    [step({ Type: "Lambda", CacheConfig: { Enabled: true } }), /type Lambda takes no CacheConfig/],
    [step({ PropertyFiles: [{ PropertyFileName: "f", OutputName: "o", FilePath: "p" }] }), /names no output of it/],
    [reference("Parameters.Absent"), /Unknown property reference 'Parameters\.Absent'.*no parameter/],
    [reference("Execution.Mood"), /an execution has StartDateTime/],
    [reference("Nothing.x"), /expected Parameters, Execution or Steps/],
    [reference("Steps.absent.X"), /there is no step 'absent'/],
    [reference("Steps.preprocess-data.ProcessingOutputConfig.Outputs['x'].S3Output.S3Uri"), /no output 'x'/],
    [reference("Steps.preprocess-data.PropertyFiles.x"), /no property file 'x'/],
    [reference("Steps.more.X"), /Cyclic dependency between steps: more -> more/],
    [condition({ Type: "Equals", LeftValue: accuracy }), /lacks RightValue/],
    [condition({ Type: "Not", Expression: { Type: "In", Values: [] } }), /lacks QueryValue/],
    [condition({ Type: "Feels", LeftValue: 1, RightValue: 1 }), /Type 'Feels' of a condition/],
    [definition({ Steps: [preprocess, train, check({ Conditions: [] })] }), /has no Conditions/],
    [definition({ Steps: [preprocess, train, check({ IfSteps: [], ElseSteps: [] })] }), /leads to no step/],
    [
      condition({ Type: "Equals", LeftValue: { Get: "Steps.register-model.ModelPackageArn" }, RightValue: "x" }),
      /Cyclic dependency between steps: accuracy-check -> register-model -> accuracy-check/,
    ],
  ];
  for (const [source, expected] of refused)
    it(`refuses ${expected.source}`, () => {
      assert.match(pipelineProblems(source).join("\n"), expected);
    });

  for (const tuning of [undefined, { grid: { alpha: [0.1, 1] }, parallel: 2 }])
    it(`takes the platform's own pipeline ${tuning === undefined ? "with one training" : "with a grid"}`, () => {
      const compute = { instanceType: "ml.m5.large", volumeGb: 30, timeoutMinutes: 30 };
      const role = "arn:aws:iam::111111111111:role/r";
      const rendered = renderDefinition(
        modelPipeline({
          ...{ bucket: "b", codeDigest: `sha256:${"0".repeat(64)}`, packageGroup: "g" },
          images: { model: `m@sha256:${"1".repeat(64)}`, predict: `p@sha256:${"2".repeat(64)}` },
          roles: { preprocess: role, train: role, evaluate: role },
          ...{ approval: "manual", metric: "r2", threshold: 0.6, servingInstanceTypes: ["ml.m5.large"], cacheDays: 30 },
          hyperparameters: { algorithm: "ridge", alpha: 1, trees: 100, depth: 8 },
          compute: { preprocess: compute, train: compute, evaluate: compute },
          surroundings: { isolated: true },
          ...(tuning && { tuning }),
        }),
      );
      assert.deepEqual(pipelineProblems(JSON.stringify(rendered)), []);
    });

  it("says one thing about one mistake", () => {
    assert.equal(pipelineProblems(reference("Parameters.Absent")).length, 1);
  });
});
