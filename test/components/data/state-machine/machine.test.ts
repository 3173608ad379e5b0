import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import {
  type MachineArgs,
  defineMachine,
  foldStatements,
  validateMachine,
} from "../../../../components/data/state-machine/machine.ts";
import { renderState } from "../../../../components/data/state-machine/render.ts";
import { type State, choice, pass, succeed, wait } from "../../../../components/data/state-machine/states.ts";
import { broken, done, work } from "./states.ts";

const machine = (states: readonly State[], startAt = "Work"): MachineArgs => ({
  comment: "test",
  startAt,
  states,
  timeoutSeconds: 600,
});

const rule =
  "expected States.ALL once, alone in the last catcher. Lead what is not expected to a state that reports it.";

const problems: [title: string, args: MachineArgs, problems: string[]][] = [
  ["nothing about a sound machine", machine([work(), done, broken]), []],
  [
    "a name that is used twice",
    machine([work(), done, broken, succeed({ name: "Done" })]),
    ['`states`: got "Done", expected each name once. Rename one of the two.'],
  ],
  [
    "a start that does not exist",
    machine([work(), done, broken], "Wrok"),
    ['`startAt`: got "Wrok", expected the name of a state. Add the state or correct the name.'],
  ],
  [
    "a next state that does not exist",
    machine([work({ next: "Gone" }), done, broken]),
    ['`Work.next`: got "Gone", expected the name of a state. Add the state or correct the name.'],
  ],
  [
    "the target of a catcher that does not exist",
    machine([work({ catch: [{ errors: ["States.ALL"], next: "Gone" }] }), done]),
    ['`Work.next`: got "Gone", expected the name of a state. Add the state or correct the name.'],
  ],
  [
    "the targets of a choice that do not exist",
    machine([
      work({ next: "Pick" }),
      choice({ name: "Pick", rules: [{ condition: "{% true %}", next: "A" }], otherwise: { next: "B" } }),
      broken,
    ]),
    ["A", "B"].map(
      (name) => `\`Pick.next\`: got "${name}", expected the name of a state. Add the state or correct the name.`,
    ),
  ],
  [
    "a state that nothing leads to",
    machine([work(), done, broken, wait({ name: "Island", seconds: 1, next: "Done" })]),
    ['`states`: got "Island", expected a way from the start to it. Lead to it or drop it.'],
  ],
  [
    "a round that never ends",
    machine([
      work({ next: "Wait" }),
      wait({ name: "Wait", seconds: 1, next: "Again" }),
      pass({ name: "Again", assign: {}, next: "Wait" }),
      broken,
    ]),
    ["Wait", "Again"].map((name) => `\`states\`: got "${name}", expected a way from it to an end. Lead it to an end.`),
  ],
  ["a task without a catcher", machine([work({ catch: [] }), done]), [`\`Work.catch\`: got [], ${rule}`]],
  [
    "a task that catches only some errors",
    machine([work({ catch: [{ errors: ["A"], next: "Broken" }] }), done, broken]),
    [`\`Work.catch\`: got [["A"]], ${rule}`],
  ],
  [
    "a catch-all with another error beside it",
    machine([work({ catch: [{ errors: ["A", "States.ALL"], next: "Broken" }] }), done, broken]),
    [`\`Work.catch\`: got [["A","States.ALL"]], ${rule}`],
  ],
  [
    "a catch-all that is not the last",
    machine([work({ catch: ["States.ALL", "A"].map((error) => ({ errors: [error], next: "Broken" })) }), done, broken]),
    [`\`Work.catch\`: got [["States.ALL"],["A"]], ${rule}`],
  ],
];

describe("components/data/state-machine/machine", () => {
  for (const [title, args, expected] of problems) {
    it(`finds ${title}`, () => assert.deepEqual(validateMachine(args), expected));
  }

  it("refuses to build a machine with problems, and lists all of them", () => {
    const args = machine([work({ catch: [], next: "Gone" }), done]);
    const expected = `the state machine is wrong:\n${validateMachine(args).join("\n")}`;
    assert.equal(validateMachine(args).length, 2);
    assert.throws(() => defineMachine(args), new RangeError(expected));
  });

  it("puts the states and their limits into a definition", () => {
    const { definition } = defineMachine(machine([work(), done, broken]));
    assert.deepEqual(definition, {
      Comment: "test",
      QueryLanguage: "JSONata",
      StartAt: "Work",
      TimeoutSeconds: 600,
      States: Object.fromEntries([work(), done, broken].map((state) => [state.name, renderState(state)])),
    });
  });

  it("folds the permissions of the states into one statement each", () => {
    const other = work({
      name: "Other",
      statements: [
        { sid: "Invoke", actions: ["lambda:InvokeFunction"], resources: ["arn:g", "arn:f"] },
        { sid: "Publish", actions: ["sns:Publish"], resources: ["arn:t"] },
      ],
    });
    const { statements } = defineMachine(machine([work({ next: "Other" }), other, done, broken]));
    assert.deepEqual(statements, [
      { sid: "Invoke", actions: ["lambda:InvokeFunction"], resources: ["arn:f", "arn:g"] },
      { sid: "Publish", actions: ["sns:Publish"], resources: ["arn:t"] },
    ]);
  });
});

describe("components/data/state-machine/foldStatements", () => {
  const statement = { sid: "S", actions: ["s3:GetObject"], resources: ["arn:a"] };
  const conditions = (value: pulumi.Input<string>) => ({ StringEquals: { key: value } });

  const differing: [string, object, object][] = [
    ["actions", { actions: ["s3:PutObject"] }, {}],
    ["a condition", { conditions: conditions("a") }, {}],
    ["values of a condition", { conditions: conditions("a") }, { conditions: conditions("b") }],
    [
      "Outputs in a condition",
      { conditions: conditions(pulumi.output("a")) },
      { conditions: conditions(pulumi.output("b")) },
    ],
  ];
  for (const [title, left, right] of differing) {
    it(`refuses two of one name that differ in ${title}`, () =>
      assert.throws(
        () =>
          foldStatements([
            { ...statement, ...left },
            { ...statement, ...right },
          ]),
        new RangeError("two statements S differ in more than their resources."),
      ));
  }

  it("folds those that share an Output", () => {
    const shared = pulumi.output("arn:shared");
    const one = { ...statement, resources: [shared], conditions: conditions(shared) };
    assert.deepEqual(foldStatements([one, { ...one, conditions: conditions(shared) }]), [one]);
  });
});
