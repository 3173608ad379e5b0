import assert from "node:assert/strict";
import { verbs } from "../../automation/commands/index.ts";
import { checkOutput, outputSchemas } from "../../automation/report/output-schemas.ts";

const head = { version: 1, exitCode: 0, seconds: 1.5 };

describe("the JSON of a verb", () => {
  it("is promised for verbs that exist", () => {
    const names = verbs.map(({ name }) => name);
    for (const name of Object.keys(outputSchemas)) assert.ok(names.includes(name), name);
  });

  const table: [name: string, object: Record<string, unknown>, problem: RegExp | undefined][] = [
    ["status without environments", { ...head, command: "status", environments: [] }, undefined],
    ["status without its member", { ...head, command: "status" }, /environments/],
    ["more members than promised", { ...head, command: "verify", stack: "dev", checks: [], more: 1 }, undefined],
    ["another version", { ...head, version: 2, command: "status", environments: [] }, /version/],
    ["an error", { version: 1, command: "up", exitCode: 4, error: { code: 4, message: "no" } }, undefined],
    [
      "an error that says nothing",
      { version: 1, command: "up", exitCode: 4, error: { code: 4, message: "" } },
      /message/,
    ],
    ["a verb without promises", { ...head, command: "freeze", environment: "dev" }, undefined],
    ["a verb without its head", { command: "freeze" }, /version/],
  ];
  for (const [name, object, problem] of table)
    it(`${problem === undefined ? "may be" : "is not"} ${name}`, () => {
      if (problem === undefined) assert.equal(checkOutput(object), undefined);
      else assert.match(checkOutput(object) ?? "", problem);
    });
});
