import assert from "node:assert/strict";
import { parsePipeline } from "../../../automation/model/local/definition.ts";
import { expiryMs } from "../../../automation/model/local/expiry.ts";
import { parameterValues } from "../../../automation/model/local/parameters.ts";
import { planOf, startProblems } from "../../../automation/model/local/plan.ts";
import { ExitCode, SlipwayError } from "../../../automation/errors.ts";
import { outputOf, pipelineWith, processingStep, trainingRequest } from "./lab.ts";

const plan = (steps: readonly unknown[], parameters: readonly unknown[] = []) =>
  planOf(parsePipeline(pipelineWith(steps, parameters), "lab.json"), "lab.json");

const refused = (problem: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SlipwayError, String(error));
  assert.equal(error.code, ExitCode.usage);
  assert.match(error.message, problem);
  return true;
};

const condition = (conditions: unknown, then: unknown[] = [], otherwise: unknown[] = []) => ({
  Name: "check",
  Type: "Condition",
  Arguments: { Conditions: conditions, IfSteps: then, ElseSteps: otherwise },
});
const equals = { Type: "Equals", LeftValue: 1, RightValue: 1 };
const a = processingStep("a", "", { outputs: ["x"] });
const b = processingStep("b", "", { inputs: { x: outputOf("a", "x") } });
const tuning = (config: object) => ({
  Name: "tune",
  Type: "Tuning",
  Arguments: {
    HyperParameterTuningJobConfig: {
      Strategy: "Grid",
      HyperParameterTuningJobObjective: { Type: "Maximize", MetricName: "r2" },
      ResourceLimits: { MaxParallelTrainingJobs: 2 },
      ParameterRanges: { CategoricalParameterRanges: [{ Name: "alpha", Values: ["1", "2"] }] },
      ...config,
    },
    TrainingJobDefinition: (({ AlgorithmSpecification: { ContainerEntrypoint: _, ...algorithm }, ...rest }) => ({
      ...rest,
      AlgorithmSpecification: algorithm,
    }))(trainingRequest("", { train: "s3://lab-bucket/train" })),
  },
});

describe("a definition that is run locally", () => {
  const refusals: [name: string, steps: unknown[], problem: RegExp][] = [
    [
      "a type of step",
      [{ Name: "t", Type: "Transform", Arguments: {} }],
      /step t: type Transform is not one that local/,
    ],
    ["one in a branch", [condition([equals], [{ Name: "l", Type: "Lambda", Arguments: {} }])], /step l: type Lambda/],
    ["a member of a step", [{ ...a, Retry: 1 }], /Unrecognized key: "Retry"/],
    [
      "a member of a request",
      [{ ...a, Arguments: { ...(a["Arguments"] as object), Offline: 1 } }],
      /step a: Arguments.*"Offline"/,
    ],
    ["a function", [processingStep("a", "", { arguments: [{ "Std:Lower": "X" }] })], /step a: function Std:Lower/],
    [
      "a condition",
      [condition([{ ...equals, Type: "Matches" }])],
      /condition Matches is not one that local mode knows/,
    ],
    ["And", [condition([{ Type: "And", Conditions: [equals] }])], /SageMaker has no condition And/],
    ["a member of a condition", [condition([{ ...equals, Tolerance: 1 }])], /Conditions\.0\.Tolerance/],
    ["no conditions", [condition([])], /expected a list of conditions/],
    ["a strategy", [tuning({ Strategy: "Bayesian" })], /Strategy: local mode tries a grid/],
    ["a range that is no grid", [tuning({ ParameterRanges: { IntegerParameterRanges: [] } })], /ParameterRanges/],
    ["two steps of one name", [a, a], /step a: there are two/],
    ["a step to wait for", [{ ...a, DependsOn: ["z"] }], /step a: DependsOn: there is no step z/],
    ["a step to take from", [b], /step b: there is no step a/],
    ["an output", [a, processingStep("b", "", { inputs: { y: outputOf("a", "y") } })], /step b: a has no output y/],
    [
      "a property",
      [a, processingStep("b", "", { arguments: [{ Get: "Steps.a.ExitMessage" }] })],
      /has no property ExitMessage/,
    ],
    [
      "a parameter",
      [processingStep("a", "", { arguments: [{ Get: "Parameters.P" }] })],
      /step a: there is no parameter P/,
    ],
    ["a variable", [processingStep("a", "", { arguments: [{ Get: "Execution.User" }] })], /Execution\.User is not one/],
    [
      "a property file",
      [
        condition([
          { ...equals, LeftValue: { "Std:JsonGet": { PropertyFile: { Get: "Steps.a.PropertyFiles.f" }, Path: "x" } } },
        ]),
        a,
      ],
      /a has no property file f/,
    ],
    [
      "a file of an output",
      [{ ...a, PropertyFiles: [{ PropertyFileName: "f", OutputName: "y", FilePath: "y.json" }] }],
      /property file f: there is no output y/,
    ],
    ["a circle", [{ ...a, DependsOn: ["b"] }, b], /steps a, b wait for each other/],
    ["an expiry in months", [{ ...a, CacheConfig: { Enabled: true, ExpireAfter: "P1M" } }], /ExpireAfter: got P1M/],
    [
      "two machines",
      [processingStep("a", "", { job: { ProcessingResources: { ClusterConfig: { InstanceCount: 2 } } } })],
      /local mode has one machine/,
    ],
    [
      "a stream of data",
      [
        processingStep("a", "", {
          job: {
            ProcessingInputs: [
              {
                InputName: "x",
                S3Input: {
                  S3Uri: "s3://lab-bucket/x",
                  LocalPath: "/opt/ml/x",
                  S3DataType: "S3Prefix",
                  S3InputMode: "Pipe",
                },
              },
            ],
          },
        }),
      ],
      /S3InputMode/,
    ],
    ["a step of another branch", [condition([equals], [a], [b])], /step b: a runs in another branch/],
  ];
  for (const [name, steps, problem] of refusals)
    it(`is refused by name for ${name}`, () => assert.throws(() => plan(steps), refused(problem)));

  it("is refused with every reason at once", () => {
    const steps = [
      { Name: "t", Type: "Transform", Arguments: {} },
      { Name: "m", Type: "EMR", Arguments: {} },
    ];
    assert.throws(() => plan(steps), refused(/Transform[^]*EMR/));
  });

  it("is of the one version", () => {
    assert.throws(() => parsePipeline({ Version: "2019-01-01", Steps: [a] }, "lab.json"), refused(/Version/));
  });

  it("comes in an order in which each step has what it needs, as written where it has", () => {
    const last = processingStep("last", "", { inputs: { x: outputOf("b", "y") } });
    const waiting = { ...processingStep("waiting", ""), DependsOn: ["last"] };
    const inner = {
      ...b,
      Arguments: processingStep("b", "", { inputs: { x: outputOf("a", "x") }, outputs: ["y"] })["Arguments"],
    };
    const { steps } = plan([waiting, last, inner, condition([equals], [processingStep("then", "")]), a]);
    assert.deepEqual(
      steps.map(({ name }) => name),
      ["check", "then", "a", "b", "last", "waiting"],
    );
  });

  it("may use a step of the same branch, and one of before the condition", () => {
    const { steps, needs } = plan([a, condition([equals], [b, { ...processingStep("c", ""), DependsOn: ["b"] }])]);
    assert.deepEqual(
      steps.map(({ name }) => name),
      ["a", "check", "b", "c"],
    );
    assert.deepEqual([...(needs.get("b") ?? [])].sort(), ["a", "check"]);
  });

  it("says what an image would have to start where nobody told", () => {
    const steps = plan([tuning({})]);
    assert.match(startProblems(steps, () => undefined).join(), /step tune: it has no ContainerEntrypoint/);
    assert.deepEqual(
      startProblems(steps, () => ["python3", "x"]),
      [],
    );
  });

  const lengths: [string, number | undefined][] = [
    ["P30D", 30 * 86_400_000],
    ["P4DT12H", 108 * 3_600_000],
    ["PT90M", 5_400_000],
    ["T12H", 43_200_000],
    ["P2W", 14 * 86_400_000],
    ["P1Y", undefined],
    ["30", undefined],
    ["P", undefined],
    ["PT", undefined],
  ];
  for (const [text, expected] of lengths)
    it(`${expected === undefined ? "does not take" : "takes"} ${text} for an expiry`, () =>
      assert.equal(expiryMs(text), expected));
});

describe("parameters of a run", () => {
  const parameters = parsePipeline(
    pipelineWith(
      [a],
      [
        { Name: "Algorithm", Type: "String", DefaultValue: "ridge", EnumValues: ["ridge", "forest"] },
        { Name: "Alpha", Type: "Float", DefaultValue: 1 },
        { Name: "Trees", Type: "Integer", DefaultValue: 100 },
        { Name: "Quick", Type: "Boolean", DefaultValue: false },
        { Name: "InputManifest", Type: "String" },
      ],
    ),
    "lab.json",
  ).parameters;
  const given = { InputManifest: "s3://x/y" };

  it("have their defaults, and texts of the command line in their types", () => {
    const values = parameterValues(parameters, { ...given, alpha: "0.5", TREES: "7", Quick: "true" });
    assert.deepEqual(Object.fromEntries(values), { Algorithm: "ridge", Alpha: 0.5, Trees: 7, Quick: true, ...given });
  });

  const wrong: [name: string, given: Record<string, string>, problem: RegExp][] = [
    ["a word for a number", { ...given, alpha: "much" }, /Alpha: got "much", expected a number/],
    ["half a tree", { ...given, trees: "2.5" }, /Trees: got "2.5", expected a whole number/],
    [
      "an unknown algorithm",
      { ...given, algorithm: "magic" },
      /Algorithm: got "magic", expected one of "ridge", "forest"/,
    ],
    [
      "a parameter that does not exist",
      { ...given, alpa: "1" },
      /alpa: there is no such parameter; did you mean Alpha\?/,
    ],
    ["one that is missing", {}, /InputManifest: no value was given, and it has no default/],
    ["a truth value of another kind", { ...given, quick: "yes" }, /Quick: got "yes", expected true or false/],
    ["an endless number", { ...given, alpha: "1e999" }, /Alpha: got "1e999"/],
  ];
  for (const [name, values, problem] of wrong)
    it(`are refused for ${name}`, () => assert.throws(() => parameterValues(parameters, values), refused(problem)));
});
