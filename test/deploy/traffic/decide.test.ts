import assert from "node:assert/strict";
import { appSpec, targetOf } from "../../../automation/deploy/traffic/appspec.ts";
import {
  allAtOnce,
  failureReason,
  meaningOf,
  nextStep,
  percentOf,
  type AliasState,
  type DeploymentState,
  type FailureFacts,
  type Manner,
  type Step,
} from "../../../automation/deploy/traffic/decide.ts";
import { leadsTo, progressLine } from "../../../automation/deploy/traffic/lines.ts";
import { sha256 } from "../../../automation/release/canonical.ts";
import { shift } from "./code-deploy.ts";

const deployment = (changes: Partial<DeploymentState> = {}): DeploymentState => ({
  ...{ id: "d-1", status: "InProgress", creator: "user", config: "steps", to: "7" },
  ...{ createdAt: new Date("2026-01-01T12:00:00Z"), error: undefined, rollback: undefined },
  ...changes,
});

const at = (version: string, weights: Record<string, number> = {}): AliasState => ({ version, weights });

describe("the next step of a shift to version 7", () => {
  const ours = deployment();
  const other = deployment({ to: "5" });
  const back = deployment({ to: "6", creator: "codeDeployRollback" });
  const quick = deployment({ config: allAtOnce });
  const table: [title: string, manner: Manner, alias: AliasState, running: DeploymentState[], step: Step][] = [
    ["is none where the alias leads there alone", "gradually", at("7"), [], { do: "nothing" }],
    ["is a deployment from where it leads", "gradually", at("6"), [], { do: "start", from: "6" }],
    ["is the same for a way back", "at-once", at("8"), [], { do: "start", from: "8" }],
    ["clears shares that nobody moves", "gradually", at("6", { 7: 0.1 }), [], { do: "clear" }],
    ["clears them on the right version too", "gradually", at("7", { 6: 0.5 }), [], { do: "clear" }],
    ["follows what is on its way there", "gradually", at("6", { 7: 0.1 }), [ours], { do: "follow", deployment: ours }],
    ["follows it through its last hook", "gradually", at("7"), [ours], { do: "follow", deployment: ours }],
    ["stops what goes elsewhere", "gradually", at("6"), [other], { do: "stop", deployment: other }],
    ["stops it even where the alias is right so far", "gradually", at("7"), [other], { do: "stop", deployment: other }],
    [
      "stops what nobody can read",
      "gradually",
      at("6"),
      [deployment({ to: undefined })],
      {
        do: "stop",
        deployment: deployment({ to: undefined }),
      },
    ],
    ["does not wait for steps on the way back", "at-once", at("6"), [ours], { do: "stop", deployment: ours }],
    ["follows a way back that is on its way", "at-once", at("6"), [quick], { do: "follow", deployment: quick }],
    [
      "waits for what CodeDeploy takes back itself",
      "at-once",
      at("6"),
      [ours, back],
      { do: "await", deployment: back },
    ],
  ];
  for (const [title, manner, alias, running, step] of table)
    it(title, () => assert.deepEqual(nextStep({ version: "7", manner }, alias, running), step));
});

describe("what an alias and a status mean", () => {
  it("is a share of the requests", () => {
    assert.deepEqual(
      [at("6"), at("6", { 7: 0.1 }), at("7", { 6: 0.25 }), at("7")].map((alias) => percentOf(alias, "7")),
      [0, 10, 75, 100],
    );
  });

  it("is told in words", () => {
    assert.equal(leadsTo(at("6")), "version 6");
    assert.equal(leadsTo(at("6", { 7: 0.1 })), "version 6 and 10 % of version 7");
  });

  for (const [status, meaning] of Object.entries({
    ...{ Created: "going", Queued: "going", InProgress: "going", Baking: "going", Ready: "going" },
    ...{ Succeeded: "succeeded", Failed: "failed", Stopped: "failed" },
  }))
    it(`${status} is ${meaning}`, () => assert.equal(meaningOf(status), meaning));
});

describe("why a shift failed", () => {
  const facts = (changes: Partial<FailureFacts>): FailureFacts => ({
    ...{ deployment: deployment({ status: "Failed" }), events: [], ringing: [] },
    ...changes,
  });
  const withError = (code: string, message = "") => deployment({ status: "Stopped", error: { code, message } });
  const table: [facts: FailureFacts, reason: string][] = [
    [
      facts({ events: [{ name: "BeforeAllowTraffic", message: "GET /models answered 500" }] }),
      "hook BeforeAllowTraffic (hook-before) failed: GET /models answered 500",
    ],
    [facts({ events: [{ name: "AfterAllowTraffic", message: "" }] }), "hook AfterAllowTraffic (hook-after) failed"],
    [facts({ events: [{ name: "AllowTraffic", message: "no such alias" }] }), "AllowTraffic failed: no such alias"],
    [facts({ deployment: withError("ALARM_ACTIVE"), ringing: ["errors", "latency"] }), "alarm errors, latency rang"],
    [facts({ deployment: withError("ALARM_ACTIVE") }), "an alarm of its group rang"],
    [facts({ deployment: withError("MANUAL_STOP") }), "somebody stopped it"],
    [
      facts({ deployment: withError("INVALID_LAMBDA_CONFIGURATION", "the alias is elsewhere") }),
      "INVALID_LAMBDA_CONFIGURATION: the alias is elsewhere",
    ],
    [facts({}), "it ended as Failed"],
  ];
  for (const [given, reason] of table) it(reason, () => assert.equal(failureReason(shift, given), reason));

  it("names no hook that the shift does not have", () =>
    assert.equal(
      failureReason({ hooks: {} }, facts({ events: [{ name: "BeforeAllowTraffic", message: "x" }] })),
      "hook BeforeAllowTraffic failed: x",
    ));
});

describe("how far a shift is", () => {
  const now = () => new Date("2026-01-01T12:10:00Z");
  const line = (realTime: boolean, alias: AliasState, states: Record<string, string> | undefined) =>
    progressLine(
      { shift, pace: { realTime }, now },
      {
        deployment: deployment(),
        alias,
        alarms: states && Object.entries(states).map(([name, state]) => ({ name, state, reason: "" })),
      },
    ).text;

  it("is told with its alarms and the time that is left", () => {
    assert.equal(
      line(true, at("6", { 7: 0.1 }), { errors: "OK", latency: "INSUFFICIENT_DATA" }),
      "slipway-dev-models-api:live 10 % to version 7, 2 alarms quiet, about 20 min 0 s left",
    );
    assert.equal(
      line(false, at("6", { 7: 0.1 }), { errors: "ALARM", latency: "OK" }),
      "slipway-dev-models-api:live 10 % to version 7, in alarm: errors",
    );
    assert.equal(line(false, at("7"), {}), "slipway-dev-models-api:live 100 % to version 7");
    assert.equal(
      line(false, at("6"), undefined),
      "slipway-dev-models-api:live 0 % to version 7, alarms not to be seen",
    );
  });

  it("is no news by its time alone", () => {
    const facts = { deployment: deployment(), alias: at("6"), alarms: [] };
    const at10 = progressLine({ shift, pace: { realTime: true }, now }, facts);
    const later = progressLine({ shift, pace: { realTime: true }, now: () => new Date("2026-01-01T12:11:00Z") }, facts);
    assert.equal(at10.news, later.news);
    assert.notEqual(at10.text, later.text);
  });
});

describe("what CodeDeploy is told", () => {
  it("is which alias goes from where to where, and who is asked", () => {
    const { content, sha256: digest } = appSpec(shift, "6", { hooks: true });
    assert.deepEqual(JSON.parse(content), {
      version: "0.0",
      Resources: [
        {
          function: {
            Type: "AWS::Lambda::Function",
            Properties: {
              Name: "slipway-dev-models-api",
              Alias: "live",
              CurrentVersion: "6",
              TargetVersion: "7",
            },
          },
        },
      ],
      Hooks: [{ BeforeAllowTraffic: "hook-before" }, { AfterAllowTraffic: "hook-after" }],
    });
    assert.equal(digest, sha256(content));
    assert.equal(targetOf(content), "7");
  });

  it("asks nobody on the way back, and nobody where there are no hooks", () => {
    assert.equal(Object.hasOwn(JSON.parse(appSpec(shift, "6", { hooks: false }).content) as object, "Hooks"), false);
    const bare = { ...shift, hooks: { after: "a" } };
    assert.deepEqual((JSON.parse(appSpec(bare, "6", { hooks: true }).content) as { Hooks: unknown }).Hooks, [
      { AfterAllowTraffic: "a" },
    ]);
  });

  for (const content of [undefined, "", "version: 0.0", "{}", '{"Resources":[]}', '{"Resources":[{"f":{}}]}'])
    it(`is not guessed from ${JSON.stringify(content)}`, () => assert.equal(targetOf(content), undefined));
});
