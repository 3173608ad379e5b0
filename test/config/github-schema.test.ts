import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { rawSettings, refuseStaticKeys } from "../../config/load.ts";
import { type Settings, parseSettings } from "../../config/schema.ts";
import { stackConfig, stackNames } from "../support/stack-files.ts";

type Raw = Record<string, unknown>;
type Stack = (typeof stackNames)[number];

function changed(stack: Stack, change: (github: Raw) => void): Raw {
  const raw = rawSettings(stackConfig(stack));
  change(raw.github as Raw);
  return raw;
}

function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof SlipwayError, String(error));
    assert.equal(error.code, ExitCode.usage);
    return error.message.split("\n").slice(1).join("\n").trim();
  }
  assert.fail("nothing was wrong");
}

const part = (raw: Raw, key: string) => raw[key] as Raw;
const workflowRule =
  "expected a workflow file with its ref, without wildcards, e.g. .github/workflows/deploy.yml@refs/heads/main.";

const bad: [title: string, stack: Stack, change: (github: Raw) => void, line: string][] = [
  [
    "a wildcard in the owner",
    "dev",
    (github) => (part(github, "owner").name = "slip*"),
    'slipway:github.owner.name: got "slip*", expected the name of a GitHub owner, without wildcards.',
  ],
  [
    "a wildcard in the repository",
    "prod",
    (github) => (part(github, "repository").name = "*"),
    'slipway:github.repository.name: got "*", expected the name of a GitHub repository, without wildcards.',
  ],
  [
    "an id that is a text",
    "dev",
    (github) => (part(github, "owner").id = "100200300"),
    `slipway:github.owner.id: got "100200300", expected a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`,
  ],
  [
    "a repository without an id",
    "staging",
    (github) => delete part(github, "repository").id,
    `slipway:github.repository.id: missing, expected a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`,
  ],
  [
    "no workflow that deploys",
    "prod",
    (github) => (part(github, "workflows").deploy = []),
    "slipway:github.workflows.deploy: got [], expected at least one workflow file with its ref.",
  ],
  [
    "a workflow on any branch",
    "prod",
    (github) => (part(github, "workflows").deploy = [".github/workflows/deploy.yml@refs/heads/*"]),
    `slipway:github.workflows.deploy[0]: got ".github/workflows/deploy.yml@refs/heads/*", ${workflowRule}`,
  ],
  [
    "a workflow without a ref",
    "dev",
    (github) => (part(github, "workflows").preview = [".github/workflows/preview.yml"]),
    `slipway:github.workflows.preview[0]: got ".github/workflows/preview.yml", ${workflowRule}`,
  ],
  [
    "a form of subjects that is none",
    "dev",
    (github) => (github.subjects = "new"),
    'slipway:github.subjects: got "new", expected one of legacy, immutable, both.',
  ],
  [
    "prod without reviewers",
    "operations",
    (github) => delete part(part(github, "environments"), "prod").reviewers,
    "slipway:github.environments.prod.reviewers: missing, expected at least one user or team: prod needs a person's consent.",
  ],
  [
    "prod with nobody among its reviewers",
    "operations",
    (github) => (part(part(github, "environments"), "prod").reviewers = { users: [], teams: [] }),
    'slipway:github.environments.prod.reviewers: got {"users":[],"teams":[]}, expected at least one user or team: prod needs a person\'s consent.',
  ],
  [
    "a reviewer by name",
    "operations",
    (github) => (part(part(github, "environments"), "prod").reviewers = { users: ["alice"] }),
    `slipway:github.environments.prod.reviewers.users[0]: got "alice", expected a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`,
  ],
  [
    "a webhook that is not encrypted",
    "operations",
    (github) => (github.webhook = { url: "http://hooks.example.com", events: ["push"] }),
    'slipway:github.webhook.url: got "http://hooks.example.com", expected an https:// address without a user, query or fragment.',
  ],
  [
    "a webhook of all events",
    "operations",
    (github) => (github.webhook = { url: "https://hooks.example.com", events: ["*"] }),
    'slipway:github.webhook.events[0]: got "*", expected the name of an event of GitHub, e.g. deployment_status.',
  ],
  [
    "a webhook of no event",
    "operations",
    (github) => (github.webhook = { url: "https://hooks.example.com", events: [] }),
    "slipway:github.webhook.events: got [], expected at least one event.",
  ],
  [
    "Codecov by a word",
    "operations",
    (github) => (github.codecov = "yes"),
    'slipway:github.codecov: got "yes", expected true or false.',
  ],
  [
    "a key that nobody knows",
    "operations",
    (github) => (github.deployapp = 1),
    "slipway:github.deployapp: unknown key. Did you mean slipway:github.deployApp?",
  ],
];

describe("config/github-schema", () => {
  for (const [title, stack, change, line] of bad) {
    it(`refuses ${title}`, () => {
      const raw = changed(stack, change);
      assert.equal(
        problemOf(() => parseSettings(raw)),
        line,
      );
    });
  }

  it("does without GitHub, and takes both forms of subjects where nothing is said", () => {
    for (const stack of stackNames) {
      const { github: _, ...rest } = rawSettings(stackConfig(stack));
      assert.equal(parseSettings(rest).github, undefined, stack);
    }
    assert.equal(parseSettings(changed("dev", (github) => delete github.subjects)).github?.subjects, "both");
  });

  const keys: [key: string, value: string][] = [
    ["aws:accessKey", "anything"],
    ["aws:secretKey", "anything"],
    ["github:token", "anything"],
    ["slipway:tags", JSON.stringify({ owner: `AKIA${"A".repeat(16)}` })],
    ["other:value", `ghp_${"a".repeat(36)}`],
    ["other:value", `github_pat_${"a".repeat(40)}`],
  ];
  for (const [key, value] of keys) {
    it(`refuses a static key in ${key}, and keeps it to itself`, () => {
      const problem = problemOf(() =>
        refuseStaticKeys({ "slipway:environment": "dev", [key]: value }, "Pulumi.dev.yaml"),
      );
      assert.match(problem, new RegExp(`^${key}: a static key, expected none\\.`, "u"));
      assert.ok(!problem.includes(value));
    });
  }

  it("finds no static key in the stack files", () => {
    for (const stack of stackNames) refuseStaticKeys(stackConfig(stack), stack);
    assert.equal(stackNames.length, 4);
  });

  it("names one repository, and one operations account, in all stack files", () => {
    const all = stackNames.map((stack) => parseSettings(rawSettings(stackConfig(stack))));
    const named = ({ github }: Settings) => [github?.owner, github?.repository, github?.subjects];
    for (const settings of all) assert.deepEqual(named(settings), named(all[0] as Settings));
    const [operations, ...environments] = all as [Settings, ...Settings[]];
    for (const { environment, github } of environments) {
      assert.ok(github !== undefined && "operations" in github, environment);
      assert.deepEqual(github.operations, { account: operations.account.id, region: operations.account.region });
    }
  });
});
