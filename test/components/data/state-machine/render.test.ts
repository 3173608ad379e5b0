import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { renderState } from "../../../../components/data/state-machine/render.ts";
import { type State, choice, pass, wait } from "../../../../components/data/state-machine/states.ts";
import { broken, done, work } from "./states.ts";

describe("components/data/state-machine/renderState", () => {
  const rendered: [title: string, state: State, expected: object][] = [
    [
      "a task with everything",
      work({
        comment: "why",
        output: "{% 1 %}",
        retry: [
          { errors: ["A"], intervalSeconds: 2, maxAttempts: 3 },
          { errors: ["B"], intervalSeconds: 5, maxAttempts: 1, maxDelaySeconds: 300 },
        ],
        catch: [{ errors: ["States.ALL"], next: "Broken", output: { error: "{% $states.errorOutput %}" } }],
      }),
      {
        Type: "Task",
        Comment: "why",
        Resource: "arn:aws:states:::lambda:invoke",
        Arguments: { FunctionName: "f" },
        TimeoutSeconds: 60,
        Retry: [
          {
            ErrorEquals: ["A"],
            IntervalSeconds: 2,
            MaxAttempts: 3,
            MaxDelaySeconds: 60,
            BackoffRate: 2,
            JitterStrategy: "FULL",
          },
          {
            ErrorEquals: ["B"],
            IntervalSeconds: 5,
            MaxAttempts: 1,
            MaxDelaySeconds: 300,
            BackoffRate: 2,
            JitterStrategy: "FULL",
          },
        ],
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Broken", Output: { error: "{% $states.errorOutput %}" } }],
        Output: "{% 1 %}",
        Next: "Done",
      },
    ],
    [
      "a task with nothing that may be left out",
      work(),
      {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Arguments: { FunctionName: "f" },
        TimeoutSeconds: 60,
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Broken" }],
        Next: "Done",
      },
    ],
    [
      "a choice with a default",
      choice({ name: "Pick", rules: [{ condition: "{% a %}", next: "A" }], otherwise: { next: "B" } }),
      { Type: "Choice", Choices: [{ Condition: "{% a %}", Next: "A" }], Default: "B" },
    ],
    [
      "a choice whose default changes what goes on",
      choice({
        name: "Pick",
        rules: [{ condition: "{% a %}", next: "A" }],
        otherwise: { next: "B", output: { x: 1 } },
      }),
      {
        Type: "Choice",
        Choices: [
          { Condition: "{% a %}", Next: "A" },
          { Condition: "{% true %}", Next: "B", Output: { x: 1 } },
        ],
      },
    ],
    ["a pass", pass({ name: "P", assign: { a: 1 }, next: "Done" }), { Type: "Pass", Assign: { a: 1 }, Next: "Done" }],
    ["a wait", wait({ name: "W", seconds: 9, next: "Done" }), { Type: "Wait", Seconds: 9, Next: "Done" }],
    ["a good end", done, { Type: "Succeed" }],
    ["a bad end", broken, { Type: "Fail", Error: "Broken", Cause: "It broke" }],
  ];
  for (const [title, state, expected] of rendered) {
    it(`renders ${title}`, () => assert.deepEqual(renderState(state), expected));
  }
});
