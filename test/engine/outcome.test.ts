import assert from "node:assert/strict";
import { errorText, refusalOf, verdictOf, type RunFacts } from "../../automation/engine/outcome.ts";
import { summarize, type RunSummary } from "../../automation/engine/summary.ts";
import { ExitCode } from "../../automation/errors.ts";

const urn = "urn:pulumi:dev::tiny::tiny:index:Item::a";
const stack = "urn:pulumi:dev::tiny::pulumi:pulumi:Stack::tiny-dev";
const summary = (more: Partial<RunSummary> = {}): RunSummary => ({
  ...summarize([], false),
  hasSummary: true,
  ...more,
});
const error = (at?: string) => ({ diagnostics: [{ severity: "error", message: "m", urn: at }] });
const unseen = "expected resource operations for urn:x but none were seen";
const said = (...messages: string[]) => ({
  diagnostics: messages.map((message) => ({ severity: "error", message, urn: message === unseen ? stack : urn })),
});
const violation = (enforcementLevel: string) => ({
  policyViolations: [{ message: "m", policyName: "p", policyPackName: "k", enforcementLevel }],
});

describe("how a run ended", () => {
  const cases: [string, Partial<RunFacts>, RunSummary, string, number][] = [
    ["a clean end", { exitCode: 0 }, summary(), "succeeded", 0],
    ["a clean end in spite of an interrupt", { exitCode: 0, stopped: "user" }, summary(), "succeeded", 0],
    ["a clean exit that nobody vouches for", { exitCode: 0 }, summary({ hasSummary: false }), "failed", 1],
    ["an interrupt", { exitCode: 1, stopped: "user" }, summary(error(urn)), "cancelled", 8],
    [
      "an interrupt before the CLI could listen",
      { exitCode: null, stopped: "user" },
      summary({ hasSummary: false }),
      "cancelled",
      8,
    ],
    ["a cancellation by somebody else", { exitCode: 8 }, summary(), "cancelled", 8],
    ["a deadline", { exitCode: 1, stopped: "timeout" }, summary(), "cancelled", 9],
    ["unexpected changes", { exitCode: 7 }, summary(), "failed", 7],
    ["a mandatory policy", { exitCode: 1 }, summary({ ...violation("mandatory"), ...error(urn) }), "failed", 5],
    [
      "an advisory policy beside a failure",
      { exitCode: 1 },
      summary({ ...violation("advisory"), ...error(urn) }),
      "failed",
      4,
    ],
    ["a resource's error", { exitCode: 1 }, summary(error(urn)), "failed", 4],
    ["the program's error", { exitCode: 1 }, summary(error(stack)), "failed", 1],
    ["an error of nobody", { exitCode: 1 }, summary(error()), "failed", 1],
    [
      "a step that no plan allows",
      { exitCode: 1 },
      summary(said("create is not allowed by the plan: no steps")),
      "failed",
      22,
    ],
    [
      "a value that no plan allows",
      { exitCode: 1 },
      summary(said("resource violates plan: properties changed")),
      "failed",
      22,
    ],
    ["a planned step that the program leaves out", { exitCode: 1 }, summary(said(unseen)), "failed", 22],
    ["planned steps that a failure kept back", { exitCode: 1 }, summary(said(unseen, "refused")), "failed", 4],
    ["a configuration error", { exitCode: 2 }, summary(), "failed", 2],
    ["a kill", { exitCode: null }, summary({ hasSummary: false }), "failed", 1],
  ];
  for (const [what, facts, folded, outcome, code] of cases)
    it(`${what}: ${outcome}, ${code}`, () =>
      assert.deepEqual(verdictOf({ exitCode: 1, stopped: undefined, stderr: "", ...facts }, folded), {
        outcome,
        code,
      }));
});

describe("a CLI that gave up", () => {
  const cases: [string, number, string, number][] = [
    ["stack not found", 6, "error: no stack named 'x' found", ExitCode.notFound],
    ["not logged in", 3, "error: not logged in", ExitCode.credentials],
    ["bad flag", 2, "error: unknown flag", ExitCode.usage],
    ["locked", 1, "error: the stack is currently locked by 1 lock(s).", ExitCode.leaseHeld],
    ["passphrase", 1, "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE", ExitCode.credentials],
    ["wrong passphrase", 1, "error: incorrect passphrase", ExitCode.credentials],
    ["no project", 1, "error: no Pulumi.yaml project file found", ExitCode.usage],
    ["anything else", 1, "error: something new", ExitCode.unexpected],
  ];
  for (const [what, exitCode, stderr, code] of cases)
    it(`${what}: ${code}`, () => {
      const facts = { exitCode, stderr, stopped: undefined };
      assert.equal(refusalOf(facts, { stack: "dev", command: "up", log: "/l" }).code, code);
    });

  it("is quoted without its preamble and without its stack trace", () => {
    const cases: [string, string][] = [
      ["warning: w\nerror: bad\n  thing\n", "bad\n  thing"],
      ["plain text\n", "plain text"],
      ["", "the Pulumi CLI ended without a message"],
      [`error: integrity\n\n${"=".repeat(80)}\nreport this\ngoroutine 1 [running]:\n`, "integrity"],
    ];
    for (const [stderr, expected] of cases) assert.equal(errorText(stderr), expected);
  });
});
