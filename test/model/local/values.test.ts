import assert from "node:assert/strict";
import { parsePath, spell } from "../../../automation/model/local/paths.ts";
import { referencesIn, resolve, ValueError, type Scope } from "../../../automation/model/local/values.ts";
import type { Json } from "../../../automation/release/canonical.ts";

const scope: Scope = {
  parameter: (name) => ({ Threshold: 0.6, Rounds: 3, Fast: true })[name] ?? null,
  execution: (name) => `<${name}>`,
  property: (step, property) => `${step}:${property}`,
  propertyFile: () => ({ metrics: { r2: { value: 0.83 } }, "a b": [{ c: "d" }], toString: 1 }),
};

const jsonGet = (Path: string) => ({
  "Std:JsonGet": { PropertyFile: { Get: "Steps.evaluate.PropertyFiles.report" }, Path },
});

describe("values of a definition", () => {
  const resolved: [name: string, value: Json, expected: Json][] = [
    ["what has no function", { a: [1, "b", null, false] }, { a: [1, "b", null, false] }],
    ["a parameter in its type", { Get: "Parameters.Threshold" }, 0.6],
    ["an execution variable", [{ Get: "Execution.PipelineName" }], ["<PipelineName>"]],
    ["a property", { Get: "Steps.train.ModelArtifacts.S3ModelArtifacts" }, "train:ModelArtifacts.S3ModelArtifacts"],
    ["a property by another quote", { Get: 'Steps.a.Outputs["x"].S3Uri' }, "a:Outputs['x'].S3Uri"],
    ["a join of texts and numbers", { "Std:Join": { On: "-", Values: ["a", { Get: "Parameters.Rounds" }] } }, "a-3"],
    ["a join of one truth value", { "Std:Join": { On: "", Values: [{ Get: "Parameters.Fast" }] } }, "true"],
    ["a join in a join", { "Std:Join": { On: "/", Values: ["a", { "Std:Join": { Values: ["b", "c"] } }] } }, "a/bc"],
    ["a number of a property file", jsonGet("metrics.r2.value"), 0.83],
    ["a path with brackets", jsonGet("['a b'][0].c"), "d"],
  ];
  for (const [name, value, expected] of resolved)
    it(`work out ${name}`, () => assert.deepEqual(resolve(value, scope), expected));

  const refused: [name: string, value: Json, problem: RegExp][] = [
    ["an unknown function", { "Std:Sum": [1] }, /function Std:Sum is not one/],
    ["a function beside something", { Get: "Parameters.A", Else: 1 }, /Get stands beside Else/],
    ["a Get of nowhere", { Get: "Context.A" }, /got "Context.A", expected Parameters/],
    ["a Get of a number", { Get: 3 }, /got 3, expected a text/],
    ["a property file without JsonGet", { Get: "Steps.a.PropertyFiles.b" }, /is read with Std:JsonGet/],
    ["a path that leads nowhere", jsonGet("metrics.mae.value"), /has no metrics.mae.value/],
    ["what every object has", jsonGet("metrics.toString"), /has no metrics.toString/],
    ["a text that is no path", jsonGet("metrics..r2"), /is no path/],
    ["a join of an object", { "Std:Join": { On: "", Values: [jsonGet("metrics")] } }, /expected texts, numbers/],
    ["a join without a list", { "Std:Join": { On: "", Values: "a" } }, /a list of Values/],
  ];
  for (const [name, value, problem] of refused)
    it(`refuse ${name}`, () =>
      assert.throws(
        () => resolve(value, scope),
        (error) => error instanceof ValueError && problem.test(error.message),
      ));

  it("name every reference, those of joins and property files included", () => {
    const value = {
      a: { Get: "Parameters.A" },
      b: [{ "Std:Join": { On: "", Values: [{ Get: "Steps.x.Y" }] } }, jsonGet("m")],
    };
    assert.deepEqual(referencesIn(value), [
      { kind: "parameter", name: "A" },
      { kind: "property", step: "x", property: "Y" },
      { kind: "property-file", step: "evaluate", file: "report" },
    ]);
  });

  it("spell a path in one way", () => {
    assert.equal(spell(parsePath(`A.B["c d"].E[2].F`) ?? []), "A.B['c d'].E[2].F");
    for (const odd of ["", ".a", "a.", "a..b", "a[", "a[x]", "a b"]) assert.equal(parsePath(odd), undefined, odd);
  });
});
