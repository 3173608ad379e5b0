import assert from "node:assert/strict";
import { rules } from "../../policy/catalog.ts";
import { evaluate } from "../../policy/evaluate.ts";
import { parseSuppressions, readSuppressions, type Suppression } from "../../policy/suppressions.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { subject, urnOf } from "./subjects.ts";

const now = new Date("2027-03-01T12:00:00Z");
const known = new Set(rules.map(({ id }) => id));
const entry: Suppression = {
  rule: "log-retention",
  resource: "audit-*",
  stacks: ["prod"],
  reason: "Auditors ask for the logs of ten years.",
  until: "2027-03-31",
};
const logs = (name: string, stack = "prod") =>
  subject("aws:cloudwatch/logGroup:LogGroup", { kmsKeyId: "k" }, { name, stack });
const stackUrn = urnOf("prod", "pulumi:pulumi:Stack", "slipway-prod");

function judged(subjects: ReturnType<typeof logs>[], suppressions: Suppression[], name = "prod", at = now) {
  const found = evaluate(subjects, { rules, suppressions, now: at, stack: { name, urn: stackUrn } });
  return found.map(({ rule, urn }) => `${rule} ${urn.slice(urn.lastIndexOf("::") + 2)}`);
}

describe("policy suppressions", () => {
  it("set one rule aside for the resources they name", () => {
    assert.deepEqual(judged([logs("audit-logs"), logs("other")], [entry]), ["log-retention other"]);
    assert.deepEqual(judged([subject("aws:sqs/queue:Queue", {}, { name: "audit-q" }), logs("audit-a")], [entry]), [
      "sqs-encrypted audit-q",
    ]);
  });

  it("count in the stacks they name and nowhere else", () => {
    assert.deepEqual(judged([logs("audit-logs", "staging")], [entry], "staging"), ["log-retention audit-logs"]);
  });

  it("count in every stack of a pattern, and need not be needed there", () => {
    const everywhere = [{ ...entry, stacks: ["pr-*"] }];
    assert.deepEqual(judged([logs("audit-logs", "pr-7")], everywhere, "pr-7"), []);
    assert.deepEqual(judged([], everywhere, "pr-7"), []);
    assert.deepEqual(judged([logs("audit-logs")], everywhere), ["log-retention audit-logs"]);
  });

  it("take a dot, or anything else that patterns know, as it is", () => {
    assert.deepEqual(judged([logs("auditXlogs")], [{ ...entry, resource: "audit.logs" }]).sort(), [
      "log-retention auditXlogs",
      "suppression-unused slipway-prod",
    ]);
  });

  const lastMoment = new Date("2027-03-31T23:59:59Z");
  it("count until the end of their last day", () => {
    assert.deepEqual(judged([logs("audit-logs")], [entry], "prod", lastMoment), []);
  });

  it("are a violation afterwards, beside what they are about", () => {
    const after = new Date(lastMoment.getTime() + 1000);
    assert.deepEqual(judged([logs("audit-logs")], [entry], "prod", after), [
      "log-retention audit-logs",
      "suppression-expired slipway-prod",
    ]);
  });

  it("are a violation where they suppress nothing", () => {
    assert.deepEqual(judged([], [entry]), ["suppression-unused slipway-prod"]);
    assert.deepEqual(judged([], [entry], "dev"), []);
  });

  it("are none where there is no file", () => {
    assert.deepEqual(readSuppressions("/nowhere/suppressions.yaml", now, known), []);
  });
});

const yaml = (more: Partial<Record<keyof Suppression, unknown>>) =>
  JSON.stringify({ suppressions: [{ ...entry, ...more }] });

describe("a file of suppressions", () => {
  it("is read", () => assert.deepEqual(parseSuppressions(yaml({}), "s.yaml", now, known), [entry]));

  const wrong: [what: string, text: string, message: RegExp][] = [
    ["no reason to speak of", yaml({ reason: "because" }), /suppressions\.0\.reason: a reason that a person/],
    ["no end", yaml({ until: undefined }), /suppressions\.0\.until/],
    ["an end that is no day", yaml({ until: "soon" }), /until: a day, e\.g\. 2027-03-31/],
    [
      "an end beyond a year",
      yaml({ until: "2029-01-01" }),
      /expected a day within a year \(2028-03-01 at the latest\)/,
    ],
    ["a rule that there is not", yaml({ rule: "log-retentoin" }), /got "log-retentoin", which is no rule/],
    ["no stack", yaml({ stacks: [] }), /suppressions\.0\.stacks/],
    ["an unknown key", yaml({ expires: "2027-01-01" } as never), /expires/],
    ["another form", "[]", /expected object/],
  ];
  for (const [what, text, message] of wrong)
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => parseSuppressions(text, "s.yaml", now, known),
        (error: unknown) =>
          error instanceof SlipwayError && error.code === ExitCode.usage && message.test(error.message),
      );
    });
});
