import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { gateCheck, rulesets } from "../../components/delivery/github/rulesets.ts";
import { gitHubEnvironment, platformEnvironments } from "../../components/delivery/names.ts";
import { parsePromotionPolicy } from "../../config/promotion.ts";
import type { GitHubAdministration, GitHubSettings } from "../../config/github-schema.ts";
import { parseStackFile } from "../../config/stack-file.ts";
import { jobs, namesFrom, needsOf, root, steps, workflow, workflows } from "./workflows.ts";

interface ZizmorFile {
  rules: { "unpinned-uses": { config: { policies: Record<string, string> } } };
}

const read = (file: string) => readFileSync(join(root, file), "utf8");
const policy = parsePromotionPolicy(read("config/promotion.yaml"));
const github = Object.fromEntries(
  platformEnvironments.map((stack) => {
    const file = `Pulumi.${stack}.yaml`;
    return [stack, parseStackFile(read(file), file).github];
  }),
) as { operations: GitHubAdministration } & Record<"dev" | "staging" | "prod", GitHubSettings>;

const deploy = workflow("deploy.yml");
const preview = workflow("preview.yml");
const gated = Object.entries(policy.environments).map(([, { name }]) => name);

describe("workflows and the roles that trust them", () => {
  it("are the files that stack files name, and no job of another file reaches a role", () => {
    const named = Object.values(github).flatMap(({ workflows: { deploy: writing, preview: reading } }) => [
      ...writing,
      ...reading,
    ]);
    const files = new Set(named.map((one) => one.split("@")[0]));
    assert.deepEqual([...files].sort(), [".github/workflows/deploy.yml", ".github/workflows/preview.yml"]);
    const reaching = jobs
      .filter(({ job }) => job.permissions?.["id-token"] === "write" && job.uses === undefined)
      // Its token is for Codecov: no role trusts this file, and no step runs anything but actions.
      .filter(({ at }) => at !== "pull-request.yml: coverage");
    assert.deepEqual([...new Set(reaching.map(({ file }) => file))].sort(), ["deploy.yml", "preview.yml"]);
  });

  it("take on the role that writes in deploy.yml, and the one that reads in preview.yml", () => {
    const roles = (file: string) =>
      steps.filter(({ at, step }) => at.startsWith(file) && step.with?.["role"]).map(({ step }) => step.with?.["role"]);
    assert.deepEqual(new Set(roles("deploy.yml")), new Set(["${{ vars.AWS_ROLE_ARN }}"]));
    assert.deepEqual(
      new Set(roles("preview.yml")),
      new Set(["${{ vars.DEV_PREVIEW_ROLE_ARN }}", "${{ vars.AWS_PREVIEW_ROLE_ARN }}"]),
    );
  });

  it("work in environments that the repository has", () => {
    const fixed = jobs.flatMap(({ at, job }) => (job.environment === undefined ? [] : [[at, job.environment]]));
    assert.deepEqual(Object.fromEntries(fixed), {
      "deploy.yml: operations": "operations",
      "deploy.yml: images": gitHubEnvironment("operations", "publish"),
      "deploy.yml: up": "${{ matrix.environment }}",
      "deploy.yml: promote": "${{ needs.route.outputs.promote || needs.route.outputs.rollback }}",
      "deploy.yml: automatic": "${{ matrix.environment }}",
      "deploy.yml: reconcile": "${{ matrix.environment }}",
      "deploy.yml: ephemeral": "dev",
      "preview.yml: look": "${{ matrix.stack }}-preview",
      "scheduled.yml: secrets": "dev",
    });
    // Those come from the policy by `slipway ci route`, and from the lists of stacks of what calls.
    const known = Object.keys(github.operations.environments);
    for (const name of gated) assert.ok(known.includes(gitHubEnvironment(name, "deploy")), name);
    const looked = [...workflows.values()].flatMap(({ jobs: all }) =>
      Object.values(all).flatMap(({ with: given }) => JSON.parse(given?.["stacks"] ?? "[]") as string[]),
    );
    assert.ok(looked.length > 4);
    for (const stack of looked) assert.ok(known.includes(stack), stack);
    assert.deepEqual(
      known.map((name) => gitHubEnvironment(name, "preview")),
      known.map((name) => `${name}-preview`),
    );
  });

  it("start from refs that roles and environments take, or hand over to main", () => {
    const { branches = [], tags = [] } = deploy.on.push ?? {};
    assert.deepEqual(branches, [policy.protectedBranch]);
    for (const [stack, { workflows: trusted }] of Object.entries(github)) {
      const { branches: from = ["main"], tags: at = [] } =
        github.operations.environments[stack as keyof GitHubAdministration["environments"]];
      const own = [...from.map((branch) => `heads/${branch}`), ...at.map((tag) => `tags/${tag}`)];
      const expected = own.map((ref) => `.github/workflows/deploy.yml@refs/${ref}`);
      assert.deepEqual([...(stack === "operations" ? trusted.deploy : trusted.deploy)].sort(), expected.sort(), stack);
      for (const tag of at) assert.ok(tags.includes(tag), `${stack}: ${tag} starts the workflow`);
    }
  });

  it("start from every tag that the policy knows, and from versions", () => {
    const known = policy.environments.flatMap(({ tags }) => tags);
    assert.deepEqual([...(deploy.on.push?.tags ?? [])].sort(), [...known, "v*"].sort());
    assert.notEqual(policy.versionTags, undefined);
  });

  it("let a person choose every environment of the policy", () => {
    assert.deepEqual(deploy.on.workflow_dispatch?.inputs["environment"]?.options, gated);
  });

  it("call what requests may do from main, where they cannot change it", () => {
    const { owner, repository } = github.operations;
    const { uses } = workflow("pull-request.yml").jobs["preview"] ?? {};
    const trusted = `${owner.name}/${repository.name}/${github.dev.workflows.preview[0]}`;
    assert.equal(uses, trusted.replace("refs/heads/", ""));
    const { policies } = (parse(read(".github/zizmor.yml")) as ZizmorFile).rules["unpinned-uses"].config;
    assert.deepEqual(policies, { [`${owner.name}/${repository.name}/*`]: "ref-pin", "*": "hash-pin" });
    assert.equal(preview.jobs["request"]?.environment, undefined, "the subject is pull_request, of dev's trust alone");
    assert.equal(preview.jobs["request"]?.if, "github.event_name == 'pull_request'");
    assert.equal(preview.jobs["look"]?.if, "github.event_name != 'pull_request'");
  });

  it("read variables that operations makes, and secrets that the guide names", () => {
    const source = `${read("components/delivery/github/github-delivery.ts")}\n${read("program/delivery.ts")}`;
    const guide = read("docs/workflows.md");
    const all = [...workflows.values()];
    const variables = namesFrom("vars", all);
    assert.ok(variables.length >= 7);
    for (const name of variables) assert.match(source, new RegExp(`\\b${name}\\b`, "u"), name);
    const secrets = namesFrom("secrets", all);
    assert.ok(secrets.length >= 4);
    for (const name of secrets) assert.match(guide, new RegExp(`\\b${name}\\b`, "u"), name);
  });

  it("hand each deployment what connections of stream processors name and stack files do not have", () => {
    const files = ["data_sources.json", "outputs.json"].map((file) => read(`streams/connections/${file}`)).join();
    const wanted = [...new Set([...files.matchAll(/\$\{(\w+)\}/gu)].map(([, name = ""]) => name))];
    const settings = parse(read("Pulumi.prod.yaml")) as { config: Record<string, { variables?: object }> };
    const here = Object.keys(settings.config["slipway:streams"]?.variables ?? {});
    const missing = wanted.filter((name) => !here.includes(name));
    assert.ok(missing.length > 0);
    const running = steps.filter(
      ({ step }) => /slipway (?:up "|promote|preview|drift)/u.test(step.run ?? "") && !step.run?.includes("operations"),
    );
    assert.equal(running.length, 7);
    for (const { at, step } of running)
      for (const name of missing) assert.ok(step.env?.[name], `${at}: ${name} for ${step.run}`);
  });
});

describe("the gate", () => {
  const { jobs: all } = workflow("pull-request.yml");

  it("is the one check that main asks for", () => {
    const required = rulesets(1)["main"]?.rules as { requiredStatusChecks: { requiredChecks: { context: string }[] } };
    assert.deepEqual(
      required.requiredStatusChecks.requiredChecks.map(({ context }) => context),
      [gateCheck],
    );
    // A check is called as its job; that of a called workflow would have the caller's name before it.
    const called = jobs.filter(({ job, key }) => (job.name ?? key) === gateCheck);
    assert.deepEqual(
      called.map(({ at }) => at),
      ["pull-request.yml: gate"],
    );
  });

  it("sums up all other jobs, whatever became of them, and no filter keeps it from starting", () => {
    const { gate, ...others } = all;
    assert.deepEqual(needsOf(gate ?? {}).sort(), Object.keys(others).sort());
    assert.equal(gate?.if, "always()");
    assert.equal(workflow("pull-request.yml").on.pull_request, null, "neither paths nor branches");
  });
});
