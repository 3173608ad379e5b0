import assert from "node:assert/strict";

import { rulesetProblems } from "../../../sandbox/types/aws/dqdl.ts";
import { scheduleProblem } from "../../../sandbox/types/aws/expressions.ts";
import { definitionProblems, tasksOf } from "../../../sandbox/types/aws/states-language.ts";

describe("type tables: rules of data quality", () => {
  const taken = [
    "Rules = [ RowCount between 1 and 1000 ]",
    'Rules = [\n  # keys\n  IsComplete "order_id",\n  ColumnValues "status" in ["placed", "it, [is] \\"odd\\""] with threshold > 0.9\n]',
    'Rules = [ (IsComplete "a") and ((IsUnique "b") or (Mean "c" > (1 + 2))) ]',
    'Analyzers = [ Completeness "a" ] Rules = [ CustomSql "select count(*) from primary" > 0 ]',
  ];
  for (const text of taken) it(`takes ${text}`, () => assert.deepEqual(rulesetProblems(text), []));

  const refused: [text: string, expected: RegExp][] = [
    ["", /1 to 65536 characters/],
    ["RowCount > 0", /must contain Rules/],
    ["Rules = [ ]", /at least one rule/],
    ["Rules = [ RowCount > 0", /'\[' of line 1 is never closed/],
    ["Rules = [ RowCount > 0 )", /unexpected '\)' on line 1/],
    ["Rules = [\n RowCount > 0,\n NoSuchRule 1 ]", /Rule Type: NoSuchRule is not valid \(line 3\)/],
    ['Rules = [ (IsComplete "a") and (Complete "b") ]', /Rule Type: Complete is not valid/],
    ["Rules = [ RowCount > 0,, ColumnCount > 1 ]", /empty rule/],
    ['Rules = [ IsComplete "a ]', /token recognition error/],
  ];
  for (const [text, expected] of refused)
    it(`refuses ${JSON.stringify(text)}`, () => assert.match(rulesetProblems(text).join(), expected));
});

describe("type tables: schedules", () => {
  const all = ["rate", "cron", "at"] as const;
  for (const expression of [
    ...["rate(1 minute)", "rate(5 minutes)", "cron(0 2 * * ? *)", "cron(0/15 8-17 ? * MON-FRI *)"],
    ...["cron(0 8 1 JAN,JUL ? 2026-2030)", "cron(0 8 L * ? *)", "cron(0 8 ? * 2#1 *)", "at(2026-02-01T00:00:00)"],
  ])
    it(`takes ${expression}`, () => assert.equal(scheduleProblem(expression, all), undefined));

  const refused: [expression: string, expected: RegExp][] = [
    ["every day", /expected rate/],
    ["rate(1 minutes)", /singular and plural/],
    ["rate(2 day)", /singular and plural/],
    ["rate(0 minutes)", /positive/],
    ["cron(0 2 * * *)", /six fields, got 5/],
    ["cron(0 2 * * * *)", /exactly one of/],
    ["cron(0 2 ? * ? *)", /exactly one of/],
    ["cron(60 2 * * ? *)", /minutes/],
    ["cron(0 24 * * ? *)", /hours/],
    ["cron(0 2 ? * FUNDAY *)", /day-of-week/],
    ["cron(0/0 2 * * ? *)", /minutes/],
    ["at(tomorrow)", /yyyy-mm-dd/],
  ];
  for (const [expression, expected] of refused)
    it(`refuses ${expression}`, () => assert.match(String(scheduleProblem(expression, all)), expected));

  it("knows where a point in time has no place", () =>
    assert.match(String(scheduleProblem("at(2026-02-01T00:00:00)", ["rate", "cron"])), /expected rate/));
});

describe("type tables: states language", () => {
  const lambda = "arn:aws:lambda:eu-west-1:111111111111:function:f";
  const end = { Type: "Succeed" };
  const task = (more: object = {}, resource = lambda) => ({ Type: "Task", Resource: resource, End: true, ...more });
  const problems = (states: object, StartAt = "A") => definitionProblems(JSON.stringify({ StartAt, States: states }));

  const taken: [name: string, states: object][] = [
    [
      "a task with retry and catch",
      { A: task({ Retry: [retry({})], Catch: [{ ErrorEquals: ["States.ALL"], Next: "B" }] }), B: end },
    ],
    ["a choice", { A: { Type: "Choice", Choices: [{ And: [present("$.a")], Next: "B" }], Default: "B" }, B: end }],
    [
      "a map over a nested machine",
      { A: { Type: "Map", ItemProcessor: { StartAt: "X", States: { X: task() } }, End: true } },
    ],
    ["parallel branches", { A: { Type: "Parallel", Branches: [{ StartAt: "X", States: { X: end } }], End: true } }],
    [
      "a glue job through the SDK",
      { A: task({ Parameters: { JobName: "j", Arguments: { "--run_id.$": "$.runId" } } }, sdk("glue:startJobRun")) },
    ],
    ["an optimised integration", { A: task({}, "arn:aws:states:::sns:publish") }],
    ["a wait", { A: { Type: "Wait", Seconds: 5, Next: "B" }, B: end }],
    ["JSONata", { A: task({ QueryLanguage: "JSONata", Arguments: { "x.$": 1 } }) }],
  ];
  for (const [name, states] of taken) it(`takes ${name}`, () => assert.deepEqual(problems(states), []));

  const refused: [name: string, states: object, expected: RegExp][] = [
    ["an unknown start", { B: end }, /Missing 'StartAt' target: A/],
    ["no states", {}, /required: \[States\]/],
    ["an unknown type", { A: { Type: "Loop" } }, /allowed values.*at \/States\/A\/Type/],
    ["a transition to nowhere", { A: { Type: "Pass", Next: "Z" } }, /Missing 'Next' target: Z at \/States\/A\/Next/],
    ["a catch to nowhere", { A: task({ Catch: [{ ErrorEquals: ["X"], Next: "Z" }] }) }, /Catch\[0\]\/Next/],
    ["a state nobody reaches", { A: end, B: end }, /State "B" is not reachable/],
    ["no way on", { A: { Type: "Pass" } }, /exactly one.*\[Next, End\]/],
    ["two ways on", { A: { Type: "Pass", Next: "B", End: true }, B: end }, /exactly one.*\[Next, End\]/],
    ["an end of an end", { A: { Type: "Fail", End: true } }, /not supported for Fail/],
    ["an empty choice", { A: { Type: "Choice", Choices: [] } }, /required: \[Choices\]/],
    [
      "a choice without comparison",
      { A: { Type: "Choice", Choices: [{ Variable: "$.a", Next: "B" }] }, B: end },
      /comparison/,
    ],
    ["a task without resource", { A: { Type: "Task", End: true } }, /required: \[Resource\]/],
    ["a name for a resource", { A: task({}, "f") }, /not recognized/],
    ["an integration nobody offers", { A: task({}, "arn:aws:states:::glu:startJobRun") }, /not recognized/],
    ["an action nobody offers", { A: task({}, "arn:aws:states:::glue:startJob") }, /not recognized/],
    ["a heartbeat behind the timeout", { A: task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 }) }, /smaller than/],
    [
      "everything before something",
      { A: task({ Retry: [retry({ ErrorEquals: ["States.ALL"] }), retry({})] }) },
      /last Retry/,
    ],
    ["a retrier of nothing", { A: task({ Retry: [retry({ ErrorEquals: [] })] }) }, /required: \[ErrorEquals\]/],
    ["a shrinking backoff", { A: task({ Retry: [retry({ BackoffRate: 0.5 })] }) }, /minimum 1/],
    [
      "two kinds of waiting",
      { A: { Type: "Wait", Seconds: 1, SecondsPath: "$.s", End: true } },
      /exactly one of \[Seconds/,
    ],
    ["a path that is none", { A: task({ Parameters: { "x.$": "x" } }) }, /valid JSONPath/],
    [
      "what is wrong in a branch",
      { A: { Type: "Map", Iterator: { StartAt: "X", States: {} }, End: true } },
      /States\/A\/Iterator/,
    ],
    ["a map over nothing", { A: { Type: "Map", End: true } }, /required: \[ItemProcessor\]/],
  ];
  for (const [name, states, expected] of refused)
    it(`refuses ${name}`, () => assert.match(problems(states).join("\n"), expected));

  it("refuses what is no JSON", () => assert.match(definitionProblems("{").join(), /INVALID_JSON_DESCRIPTION/));

  it("finds tasks wherever they are", () => {
    const nested = { StartAt: "X", States: { X: task() } };
    const machine = { StartAt: "A", States: { A: { Type: "Parallel", Branches: [nested], Next: "B" }, B: task() } };
    assert.equal(tasksOf(machine).length, 2);
  });

  function retry(more: object): object {
    return {
      ErrorEquals: ["Lambda.TooManyRequestsException"],
      IntervalSeconds: 1,
      MaxAttempts: 3,
      BackoffRate: 2,
      ...more,
    };
  }
  function present(variable: string): object {
    return { Variable: variable, IsPresent: true };
  }
  function sdk(action: string): string {
    return `arn:aws:states:::aws-sdk:${action}`;
  }
});
