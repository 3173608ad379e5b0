import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { failureOf } from "../../automation/deploy/failure.ts";
import type { PolicyEvent } from "../../automation/engine/events.ts";
import type { OperationResult } from "../../automation/engine/operation.ts";
import { ExitCode } from "../../automation/errors.ts";
import { factOf } from "../../automation/policy/fact.ts";
import { findingsOf } from "../../automation/policy/findings.ts";
import { createConsole } from "../../automation/report/console.ts";
import { policyLines, policySarif, verdictLine } from "../../automation/report/policy.ts";
import { messageOf, problemOf } from "../../policy/message.ts";
import { urnOf } from "./subjects.ts";

const urn = urnOf("prod", "aws:cloudwatch/logGroup:LogGroup", "logs");
const event = (more: Partial<PolicyEvent> = {}): PolicyEvent => ({
  ...{ policyName: "log-retention", policyPackName: "slipway", enforcementLevel: "mandatory", resourceUrn: urn },
  message: "logs are forgotten in time\nretentionInDays: they are kept for ever. To do: set retentionInDays.\n",
  ...more,
});
const stream = new PassThrough();
const console_ = createConsole({ json: false, verbose: false, stdout: stream, stderr: stream, environment: {} });

describe("findings of the policy pack", () => {
  it("come out of the engine's text as they went in", () => {
    const problem = { property: "policy.Statement[0]", message: "Some: allows a: b" };
    assert.deepEqual(problemOf(`title\n${messageOf({ ...problem, fix: "name them" })}`), problem);
    assert.deepEqual(problemOf("just text"), { property: "", message: "just text" });
  });

  it("are told once, mandatory ones first, with why and what to do", () => {
    const advisory = event({ policyName: "lambda-traced", enforcementLevel: "advisory" });
    const found = findingsOf([advisory, event(), event()]);
    assert.deepEqual(
      found.map(({ rule, level, property }) => [rule, level, property]),
      [
        ["log-retention", "mandatory", "retentionInDays"],
        ["lambda-traced", "advisory", "retentionInDays"],
      ],
    );
    assert.equal(found[0]?.fix, "set retentionInDays");
    assert.equal(verdictLine(found), "1 mandatory finding, 1 advisory one");
  });

  it("name resource, property, rule and what to do at a terminal", () => {
    const text = policyLines(console_, findingsOf([event()])).join("\n");
    for (const part of ["logs", "aws:cloudwatch/logGroup:LogGroup", "retentionInDays", "log-retention", "to do: set"])
      assert.ok(text.includes(part), `${part} in ${text}`);
  });

  it("of a rule that only another commit knows keep their own text", () => {
    const [found] = findingsOf([event({ policyName: "newer-rule" })]);
    assert.deepEqual([found?.rule, found?.message, found?.fix], ["newer-rule", "they are kept for ever", ""]);
  });

  it("are SARIF with rule, resource and place", () => {
    const [run] = policySarif("prod", findingsOf([event()]))["runs"] as Record<string, never>[];
    const [result] = run?.["results"] as unknown as Record<string, unknown>[];
    assert.equal(result?.["ruleId"], "log-retention");
    assert.equal(result?.["level"], "error");
    assert.match(
      JSON.stringify(result?.["locations"]),
      /"uri":"Pulumi\.prod\.yaml".*"fullyQualifiedName":"urn:pulumi:prod/,
    );
  });

  it("make the verdict of a promotion's gate", () => {
    assert.deepEqual(factOf("prod", findingsOf([event({ enforcementLevel: "advisory" })])), {
      pack: "slipway",
      passed: true,
    });
    const { passed, detail, next } = factOf(
      "prod",
      findingsOf([event(), event({ policyName: "log-group-encrypted" })]),
    );
    assert.equal(passed, false);
    assert.match(detail ?? "", /^logs .* \[log-(retention|group-encrypted)\], and 1 other finding$/);
    assert.match(next ?? "", /slipway policy check prod/);
  });

  it("make an error that tells all of them, and what to type", () => {
    const summary = {
      ...{ preview: true, changes: {}, changed: 0, resources: [], diagnostics: [], outputs: undefined },
      ...{ hasSummary: true, succeeded: false, durationSeconds: 1 },
      policyViolations: [event(), event({ policyName: "log-group-encrypted" })],
    };
    const result = { summary, code: ExitCode.policy, outcome: "failed", log: "l" } as unknown as OperationResult;
    const error = failureOf("prod", "up", result);
    assert.equal(error.code, ExitCode.policy);
    assert.match(error.message, /^policy refuses up prod: 2 findings\.\n {2}logs .*retentionInDays/);
    assert.deepEqual([error.changed, error.where], ["nothing", urn]);
    assert.match(
      error.next ?? "",
      /\.\/slipway policy explain log-\S+ .*\(also: log-\S+\); \.\/slipway policy check prod/,
    );
  });
});
