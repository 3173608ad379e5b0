import { z } from "zod";
import { environmentNames } from "./profiles.ts";
import { choice, flag, group, text, whole } from "./rules.ts";

export const subjectForms = ["legacy", "immutable", "both"] as const;

/** Ids of GitHub are numbers; a text would be a name, and names change hands. */
const id = whole(1, Number.MAX_SAFE_INTEGER);
const ownerName = text(
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$/,
  "the name of a GitHub owner, without wildcards",
);
const repositoryName = text(/^(?!\.{1,2}$)[\w.-]{1,100}$/, "the name of a GitHub repository, without wildcards");
const workflow = text(
  /^\.github\/workflows\/[\w.-]+\.ya?ml@refs\/(?:heads|tags)\/[\w./-]+$/,
  "a workflow file with its ref, without wildcards, e.g. .github/workflows/deploy.yml@refs/heads/main",
);
const workflowRule = "a list of workflow files with refs";
const workflows = z
  .array(workflow, { error: workflowRule })
  .min(1, { error: "at least one workflow file with its ref" });
const pattern = text(/^[\w.*?/-]{1,255}$/, "a pattern of branch or tag names, e.g. main or release/*");
const patterns = z.array(pattern, { error: "a list of patterns" });

const repositoryShape = {
  owner: group("name and id of the owner", { name: ownerName, id }),
  repository: group("name and id of the repository", { name: repositoryName, id }),
  /** Which form of subject tokens have: `both` while a repository may change over. */
  subjects: choice(subjectForms).default("both"),
  /** Workflow files that may take each role on. */
  workflows: group("deploy and preview", { deploy: workflows, preview: workflows }),
};

/** `slipway:github` of an environment: whose workflows reach it, and where the state is that they need. */
export const gitHubSettings = group("owner, repository, workflows and operations", {
  ...repositoryShape,
  operations: group("account and region of the operations stack", {
    account: text(/^\d{12}$/, 'an AWS account id: 12 digits in quotes, e.g. "111111111111"'),
    region: text(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "an AWS region, e.g. us-east-1"),
  }),
});
export type GitHubSettings = z.infer<typeof gitHubSettings>;

const reviewersShape = {
  users: z.array(id, { error: "a list of user ids" }).optional(),
  teams: z.array(id, { error: "a list of team ids" }).optional(),
};
const environmentShape = group("perhaps reviewers, waitTimer, branches, tags and region", {
  /** Who lets a deployment through, by id: at most six, users and teams together. */
  reviewers: group("users and teams, by id", reviewersShape)
    .refine(({ users = [], teams = [] }) => users.length + teams.length <= 6, { error: "at most 6 reviewers" })
    .optional(),
  /** Minutes between the approval and the deployment. */
  waitTimer: whole(0, 43_200).optional(),
  /** Branches and tags that may be deployed from. Without any, main alone. */
  branches: patterns.optional(),
  tags: patterns.optional(),
  /** Where the environment is, if elsewhere than operations. */
  region: text(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "an AWS region, e.g. us-east-1").optional(),
});
export type GitHubEnvironmentSettings = z.infer<typeof environmentShape>;

const environments = group("operations, dev, staging and prod", {
  operations: environmentShape,
  ...(Object.fromEntries(environmentNames.map((name) => [name, environmentShape])) as Record<
    (typeof environmentNames)[number],
    typeof environmentShape
  >),
}).superRefine(({ prod }, context) => {
  const { users = [], teams = [] } = prod.reviewers ?? {};
  if (users.length + teams.length > 0) return;
  context.addIssue({
    code: "custom",
    path: ["prod", "reviewers"],
    message: "at least one user or team: prod needs a person's consent",
  });
});

/** `slipway:github` of operations, which also keeps the settings of the repository. */
export const gitHubAdministration = group("owner, repository, workflows, deployApp and environments", {
  ...repositoryShape,
  /** App id of the GitHub App that moves promotion tags and writes the branches of manifests. */
  deployApp: id,
  /** Whether coverage of pull requests is shown at Codecov. Without it nothing is uploaded, and its action may not run. */
  codecov: flag.optional(),
  /** Who else hears what happens in the repository; its secret comes from `SLIPWAY_WEBHOOK_SECRET`. Without it nobody does. */
  webhook: group("url and events", {
    url: text(
      /^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[^\s?#@]*)?$/,
      "an https:// address without a user, query or fragment",
    ),
    events: z
      .array(text(/^[a-z]+(?:_[a-z]+)*$/, "the name of an event of GitHub, e.g. deployment_status"), {
        error: "a list of events",
      })
      .min(1, { error: "at least one event" }),
  }).optional(),
  environments,
});
export type GitHubAdministration = z.infer<typeof gitHubAdministration>;

const staticKey = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[opsur]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}/;

/** Keys of a stack's configuration whose value is a long-lived credential in the clear. */
export function staticKeys(all: Readonly<Record<string, string>>): string[] {
  const named = /^(?:aws:(?:accessKey|secretKey)|github:(?:token|appAuth))$/;
  return Object.entries(all)
    .filter(([key, value]) => named.test(key) || staticKey.test(value))
    .map(([key]) => key);
}
