import assert from "node:assert/strict";
import { loadTest } from "../../../streams/engine/testing/file.ts";
import { counting } from "./cases.ts";

/** What is wrong with a test file, in one line each. */
function findings(text: string, path = "tests/counting.test.yaml"): string[] {
  const { test, findings: found } = loadTest(path, text, new Map([["counting", counting()]]));
  assert.equal(test === undefined, found.length > 0);
  return found.map(({ file, line, column, rule, path: at, message }) => {
    assert.equal(file, path);
    return `${line}:${column} ${rule} ${at}: ${message}`;
  });
}

const steps = (step: string) => `cases:\n  - name: a\n    steps:\n      - ${step}\n`;

describe("the format of tests", () => {
  it("is YAML or JSON, with several cases", () => {
    assert.deepEqual(findings("cases:\n  - name: a\n  - name: b\n"), []);
    assert.deepEqual(findings('{"cases": [{"name": "a"}, {"name": "b"}]}', "tests/counting.test.json"), []);
    assert.deepEqual(findings('processor: counting\ncases: [{ name: "a" }]', "tests/other.test.yml"), []);
  });

  it("says where a file is not YAML or JSON", () => {
    assert.deepEqual(findings("cases:\n  - name: a\n steps: []\n"), [
      "3:1 yaml/syntax : All mapping items must start at the same column",
    ]);
    assert.deepEqual(findings("cases:\n  - name: a\n    name: b\n"), ["3:5 yaml/syntax : Map keys must be unique"]);
    assert.deepEqual(findings('{"cases":\n [}', "tests/counting.test.json"), [
      "2:3 json/syntax : a value is expected here",
    ]);
    assert.deepEqual(findings('{"cases": [{"name": "a",\n "name": "b"}]}', "tests/counting.test.json"), [
      '2:2 json/duplicate-key : the key "name" is there twice, first in line 1',
    ]);
  });

  it("says where a file is not of the form that tests have", () => {
    const rows: readonly [string, string][] = [
      ["cases: []", "1:1 test/form cases: Too small: expected array to have >=1 items"],
      ["cases:\n  - name: a\n    stepz: []\n", '3:5 test/form cases[0].stepz: "stepz" is not known here'],
      [
        steps("{ inn: {} }"),
        "4:9 test/form cases[0].steps[0]: a step has one of in, raw, idle, advance, checkpoint, restart, stop, write, expect",
      ],
      [steps("{ in: {}, inn: 1 }"), '4:19 test/form cases[0].steps[0].inn: "inn" is not known here'],
      [
        steps("{ in: {}, partition: -1 }"),
        "4:19 test/form cases[0].steps[0].partition: Too small: expected number to be >=0",
      ],
      [steps("{ in: 5 }"), "4:11 test/form cases[0].steps[0].in: Invalid input: expected record, received number"],
      [steps("{ idle: soon }"), "4:11 test/form cases[0].steps[0].idle: a time such as 90s, 2m or 1h30m"],
      [
        steps("{ restart: { resumee: true } }"),
        '4:22 test/form cases[0].steps[0].restart.resumee: "resumee" is not known here',
      ],
      [
        "cases:\n  - name: a\n    expect: { stats: { inn: 1 } }\n",
        '3:24 test/form cases[0].expect.stats.inn: "inn" is not known here',
      ],
      ["cases:\n  - name: a\n    clock: noon\n", "3:5 test/form cases[0].clock: Invalid ISO datetime"],
      ["cases:\n  - name: a\n  - name: a\n", '3:5 test/form cases[1].name: two cases are called "a"'],
      ["processor: nobody\ncases: [{ name: a }]", '1:1 test/form processor: there is no processor "nobody"'],
    ];
    for (const [text, expected] of rows) assert.deepEqual(findings(text), [expected]);
    assert.deepEqual(findings("cases: [{ name: a }]", "tests/nobody.test.yaml"), [
      '1:1 test/form processor: there is no processor "nobody"',
    ]);
  });
});
