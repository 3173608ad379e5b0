import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  GitHubDelivery,
  type GitHubDeliveryArgs,
  validateGitHubDelivery,
} from "../../../components/delivery/github/github-delivery.ts";
import { gateCheck, rulesets } from "../../../components/delivery/github/rulesets.ts";
import { run } from "../../support/harness.ts";

const nobody = { users: [], teams: [] };
const place = (environment: string, account: string, reviewers: { users: number[]; teams: number[] } = nobody) => ({
  ...{ environment, account, region: "us-east-1", reviewers },
  branches: ["main"],
  tags: environment === "prod" ? ["prod"] : [],
});
const args: GitHubDeliveryArgs = {
  repository: "platform",
  deployApp: 42,
  places: [
    place("operations", "111111111111", { users: [], teams: [5] }),
    place("dev", "222222222222"),
    { ...place("prod", "444444444444", { users: [1], teams: [5] }), waitTimer: 10 },
  ],
  variables: { DEV_REGION: "us-east-1" },
};

const delivered = () => run(() => void new GitHubDelivery("github", args));
const environmentType = "github:index/repositoryEnvironment:RepositoryEnvironment";

describe("components/delivery/github", () => {
  it("lets nobody into prod without its reviewers, administrators included", async () => {
    const { get } = await delivered();
    assert.deepEqual(get(environmentType, "github-prod-environment").inputs, {
      repository: "platform",
      environment: "prod",
      canAdminsBypass: false,
      preventSelfReview: true,
      reviewers: [{ users: [1], teams: [5] }],
      waitTimer: 10,
      deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
    });
    assert.equal(get(environmentType, "github-operations-environment").inputs.canAdminsBypass, false);
  });

  it("gives each environment one that only looks, from main, without the role that deploys", async () => {
    const { ofType } = await delivered();
    const preview = ofType("github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable")
      .filter(({ inputs }) => inputs.environment === "prod-preview")
      .map(({ inputs }) => [inputs.variableName, inputs.value]);
    assert.deepEqual(preview, [
      ["AWS_ACCOUNT_ID", "444444444444"],
      ["AWS_REGION", "us-east-1"],
      ["AWS_PREVIEW_ROLE_ARN", "arn:aws:iam::444444444444:role/slipway-preview"],
      ["EKS_CLUSTER_NAME", "slipway-prod"],
    ]);
    const patterns = ofType("github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy")
      .filter(({ inputs }) => String(inputs.environment as string).startsWith("prod"))
      .map(({ name }) => name);
    assert.deepEqual(patterns.sort(), [
      "github-prod-branch-main",
      "github-prod-preview-branch-main",
      "github-prod-tag-prod",
    ]);
  });

  it("tells workflows nothing that is secret", async () => {
    const { resources } = await delivered();
    const secret = resources.filter(({ type }) => /secret/iu.test(type));
    assert.deepEqual(secret, []);
    const names = resources.map(({ inputs }) => inputs.variableName).filter((name) => name !== undefined);
    assert.deepEqual(
      names.filter((name) => /KEY|TOKEN|SECRET|PASSWORD/u.test(String(name as string))),
      [],
    );
  });

  it("runs actions by commit alone, and leaves subjects as trust policies know them", async () => {
    const { get } = await delivered();
    const { inputs } = get("github:index/actionsRepositoryPermissions:ActionsRepositoryPermissions", "github-actions");
    assert.deepEqual([inputs.shaPinningRequired, inputs.allowedActions], [true, "selected"]);
    const template =
      "github:index/actionsRepositoryOidcSubjectClaimCustomizationTemplate:ActionsRepositoryOidcSubjectClaimCustomizationTemplate";
    assert.deepEqual(get(template, "github-subject").inputs, { repository: "platform", useDefault: true });
  });

  it("lets Codecov's action run, and tells jobs of it, only where coverage is shown there", async () => {
    const of = async (codecov?: boolean) => {
      const { get, resources } = await run(
        () => void new GitHubDelivery("github", { ...args, ...(codecov !== undefined && { codecov }) }),
      );
      const { inputs } = get(
        "github:index/actionsRepositoryPermissions:ActionsRepositoryPermissions",
        "github-actions",
      );
      const { patternsAlloweds } = inputs.allowedActionsConfig as { patternsAlloweds: string[] };
      const told = resources.filter((one) => one.inputs.variableName === "SLIPWAY_CODECOV");
      return [patternsAlloweds.filter((one) => one.startsWith("codecov/")), told.map((one) => one.inputs.value)];
    };
    assert.deepEqual(await of(), [[], []]);
    assert.deepEqual(await of(false), [[], []]);
    assert.deepEqual(await of(true), [["codecov/codecov-action@*"], ["true"]]);
  });

  it("tells others of the repository only where somebody named them: encrypted, signed, and neither address nor secret in sight", async () => {
    const type = "github:index/repositoryWebhook:RepositoryWebhook";
    assert.deepEqual((await delivered()).ofType(type), []);
    const webhook = { url: "https://hooks.example.com/t0ken", events: ["release", "push"], secret: "canary" };
    const { get } = await run(() => void new GitHubDelivery("github", { ...args, webhook }));
    const hook = get(type, "github-webhook");
    assert.deepEqual(hook.inputs, {
      ...{ repository: "platform", active: true, events: ["push", "release"] },
      configuration: { url: webhook.url, contentType: "json", insecureSsl: false, secret: "canary" },
    });
    assert.deepEqual(hook.secrets, ["configuration"]);
    assert.deepEqual(hook.additionalSecretOutputs, ["configuration", "url"]);
  });

  const hooks: [what: string, hook: { url: string; events: string[] }, line: RegExp][] = [
    ["that is not encrypted", { url: "http://example.com", events: ["push"] }, /^`webhook\.url`: expected an https/u],
    [
      "with a password",
      { url: "https://a:hunter2@example.com", events: ["push"] },
      /^`webhook\.url`: expected an https/u,
    ],
    ["of everything", { url: "https://example.com", events: ["*"] }, /^`webhook\.events`: got \["\*"\]/u],
    ["of nothing", { url: "https://example.com", events: [] }, /^`webhook\.events`: got \[\]/u],
  ];
  for (const [what, hook, line] of hooks)
    it(`refuses a webhook ${what}`, () => {
      const lines = validateGitHubDelivery({ ...args, webhook: { ...hook, secret: "x" } });
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? "", line);
      assert.doesNotMatch(lines[0] ?? "", /hunter2/u);
    });

  it("asks main for a review and exactly the gate, on top of what is there", () => {
    const { main } = rulesets(42);
    assert.deepEqual(main?.rules, {
      deletion: true,
      nonFastForward: true,
      pullRequest: {
        requiredApprovingReviewCount: 1,
        dismissStaleReviewsOnPush: true,
        requireLastPushApproval: true,
        requiredReviewThreadResolution: true,
      },
      requiredStatusChecks: { requiredChecks: [{ context: gateCheck }], strictRequiredStatusChecksPolicy: true },
    });
    assert.equal(main.bypassActors, undefined);
  });

  it("lets the app that deploys move promotion tags and write manifests, and nobody move a version", () => {
    const rules = rulesets(42);
    const app = [{ actorId: 42, actorType: "Integration", bypassMode: "always" }];
    const passing = Object.entries(rules).map(([key, { bypassActors }]) => [key, bypassActors]);
    assert.deepEqual(passing, [
      ["main", undefined],
      ["promotion-tags", app],
      ["version-tags", undefined],
      ["manifests", app],
    ]);
  });

  it("refuses two environments in one account, and prod without a reviewer", () => {
    const { places } = args;
    assert.deepEqual(validateGitHubDelivery(args), []);
    assert.deepEqual(validateGitHubDelivery({ places: [...places, place("staging", "222222222222")] }), [
      '`staging`: got "222222222222", expected an account for each environment. Its roles have fixed names; give it an account of its own.',
    ]);
    assert.deepEqual(validateGitHubDelivery({ places: [place("prod", "444444444444")] }), [
      "`prod.reviewers`: got [], expected at least one reviewer. Name a user or a team.",
    ]);
  });
});
