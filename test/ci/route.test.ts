import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { routeOf, type Route, type WorkflowEvent } from "../../automation/ci/route.ts";
import { parsePromotionPolicy } from "../../config/promotion.ts";
import { presetNames } from "../../config/promotion-presets.ts";

const root = join(import.meta.dirname, "..", "..");
const shipped = readFileSync(join(root, "config/promotion.yaml"), "utf8");
const sha = "0123456789abcdef0123456789abcdef01234567";

const push: WorkflowEvent = {
  ...{ name: "push", refType: "branch", ref: "main", sha },
  ...{ task: "", environment: "", commit: "", tag: "", pullRequest: "" },
};
const tag = (ref: string): WorkflowEvent => ({ ...push, refType: "tag", ref });
const dispatch = (given: Partial<WorkflowEvent>): WorkflowEvent => ({
  ...push,
  name: "workflow_dispatch",
  task: "deploy",
  environment: "dev",
  ...given,
});

/** What the stack files say: the moving tags, and nothing else. */
const trusted = (environment: string, name: string) => environment === name;

const empty: Route = {
  ...{ up: [], automatic: [], reconcile: [] },
  ...{ promote: "", rollback: "", tag: "", commit: "", pullRequest: "" },
  ...{ sweep: false, handOver: false },
};

function route(event: WorkflowEvent, policy = shipped): Partial<Route> {
  const found = routeOf(event, parsePromotionPolicy(policy), trusted);
  const told = Object.entries(found).filter(([key, value]) => {
    return JSON.stringify(value) !== JSON.stringify(empty[key as keyof Route]);
  });
  return Object.fromEntries(told);
}

describe("the route of a deployment", () => {
  const cases: [what: string, event: WorkflowEvent, route: Partial<Route>][] = [
    ["main brings dev up", push, { up: ["dev"] }],
    ["another branch does nothing", { ...push, ref: "feature/x" }, {}],
    ["the tag staging promotes there", tag("staging"), { promote: "staging", tag: "staging" }],
    ["the tag prod promotes there", tag("prod"), { promote: "prod", tag: "prod" }],
    [
      "production is prod, which no role trusts by that name",
      tag("production"),
      { promote: "prod", tag: "production", handOver: true },
    ],
    ["a version goes to prod by main", tag("v1.4.0"), { promote: "prod", tag: "v1.4.0", handOver: true }],
    ["a word that begins with v is no version", tag("vendor"), {}],
    ["a tag that begins as another does is not that one", tag("staging-foo"), {}],
    ["a person deploys dev", dispatch({}), { up: ["dev"] }],
    ["a person promotes what main is at", dispatch({ environment: "staging" }), { promote: "staging", commit: sha }],
    [
      "a person promotes a commit",
      dispatch({ environment: "prod", commit: "abcdef1" }),
      { promote: "prod", commit: "abcdef1" },
    ],
    ["main takes a version on", dispatch({ environment: "prod", tag: "v1.4.0" }), { promote: "prod", tag: "v1.4.0" }],
    ["a person gives a request a stack", dispatch({ task: "ephemeral", pullRequest: "7" }), { pullRequest: "7" }],
    ["a schedule sweeps", { ...push, name: "schedule", task: "sweep" }, { sweep: true }],
    ["a person goes back", dispatch({ task: "rollback", environment: "prod" }), { rollback: "prod" }],
    ["a schedule promotes nothing without a policy that lets it", { ...push, name: "schedule", task: "promote" }, {}],
    [
      "a schedule reconciles all",
      { ...push, name: "schedule", task: "reconcile" },
      { reconcile: ["dev", "staging", "prod"] },
    ],
  ];
  for (const [what, event, expected] of cases) it(what, () => assert.deepEqual(route(event), expected));

  const refusals: [what: string, event: WorkflowEvent, message: RegExp][] = [
    ["a tag of another environment", dispatch({ environment: "dev", tag: "prod" }), /promotes to prod, not to dev/u],
    ["a tag that promotes nothing", dispatch({ environment: "prod", tag: "nightly" }), /"nightly" promotes nothing/u],
    [
      "a tag and a commit",
      dispatch({ environment: "prod", tag: "v1", commit: "abcdef1" }),
      /both say what is promoted/u,
    ],
    ["a commit that is none", dispatch({ environment: "prod", commit: "main; rm" }), /commit: got "main; rm"/u],
    ["a commit for dev", dispatch({ commit: "abcdef1" }), /dev gets the commit that the workflow runs at/u],
    ["an environment that is not there", dispatch({ environment: "qa" }), /no environment "qa"/u],
    ["a request that is no number", dispatch({ task: "ephemeral", pullRequest: "7/../main" }), /pull-request: got/u],
    ["a task that is not there", dispatch({ task: "destroy" }), /SLIPWAY_TASK: got "destroy"/u],
    ["a schedule without a task", { ...push, name: "schedule" }, /SLIPWAY_TASK: got "" for schedule/u],
  ];
  for (const [what, event, message] of refusals)
    it(`refuses ${what}`, () => assert.throws(() => route(event), message));

  it("is, for each way in which teams move code, what its policy says", () => {
    const told = presetNames.map((preset) => [
      preset,
      ...[push, { ...push, ref: "develop" }, { ...push, name: "schedule", task: "promote" }].map((event) =>
        route(event, `preset: ${preset}\n`),
      ),
    ]);
    assert.deepEqual(told, [
      ["moving-tags", { up: ["dev"] }, {}, {}],
      ["main-and-develop", { up: ["dev"] }, { up: ["dev"] }, {}],
      ["branch-per-environment", { automatic: ["prod"] }, { up: ["staging"] }, { automatic: ["prod"] }],
      ["scheduled-chain", { up: ["dev"], automatic: ["staging", "prod"] }, {}, { automatic: ["staging", "prod"] }],
    ]);
  });
});
