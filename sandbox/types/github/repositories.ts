import { between, block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";

const repositoryType = "github:index/repository:Repository";
const environmentType = "github:index/repositoryEnvironment:RepositoryEnvironment";

/** Numeric id of the kind GitHub counts up. */
function number(context: TypeContext, digits: number): number {
  return 10 ** (digits - 1) + (parseInt(context.suffix(8), 16) % (9 * 10 ** (digits - 1)));
}

function repositoryId(inputs: Properties, context: TypeContext): unknown {
  return context.find(repositoryType).find((other) => other.id === inputs["repository"])?.outputs["repoId"];
}

function repositoryOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  const fullName = `${context.account}/${id}`;
  return {
    fullName,
    repoId: number(context, 9),
    nodeId: `R_kgDO${context.suffix(8)}`,
    htmlUrl: `https://github.com/${fullName}`,
    httpCloneUrl: `https://github.com/${fullName}.git`,
    sshCloneUrl: `git@github.com:${fullName}.git`,
    gitCloneUrl: `git://github.com/${fullName}.git`,
    svnUrl: `https://github.com/${fullName}`,
    primaryLanguage: "",
    etag: `W/"${context.suffix(40)}"`,
    defaultBranch: text(inputs["defaultBranch"]) ?? "main",
    visibility: text(inputs["visibility"]) ?? (inputs["private"] === true ? "private" : "public"),
  };
}

const repository: TypeSpec = {
  type: repositoryType,
  global: true,
  autoName: { property: "name", maxLength: 100 },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", /^[A-Za-z0-9._-]{1,100}$/, "1 to 100 letters, digits and . - _"),
      oneOf(inputs, "visibility", ["public", "private", "internal"]),
      list(inputs["topics"])
        .filter((topic) => typeof topic === "string" && !/^[a-z0-9][a-z0-9-]{0,49}$/.test(topic))
        .map((topic) => ({ property: "topics", reason: `"${String(topic)}" is not a valid topic` })),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: repositoryOutputs,
  computed: [
    "fullName",
    "repoId",
    "nodeId",
    "htmlUrl",
    "httpCloneUrl",
    "sshCloneUrl",
    "gitCloneUrl",
    "svnUrl",
    "primaryLanguage",
    "etag",
    "defaultBranch",
    "visibility",
  ],
  replaceOn: ["sourceOwner", "sourceRepo", "fork"],
  unique: { properties: ["name"], error: () => "422 Repository creation failed. name already exists on this account" },
  fidelity: "names, URLs and ids; holds no commits",
};

function validReviewers(inputs: Properties): Failure | undefined {
  const reviewers = list(inputs["reviewers"]).map(block);
  const count = reviewers.reduce((sum, entry) => sum + list(entry["users"]).length + list(entry["teams"]).length, 0);
  return count > 6
    ? { property: "reviewers", reason: `an environment has at most 6 reviewers, got ${count}` }
    : undefined;
}

function validBranches(inputs: Properties): Failure | undefined {
  const { protectedBranches, customBranchPolicies } = block(inputs["deploymentBranchPolicy"]);
  if (protectedBranches === undefined || protectedBranches !== customBranchPolicies) return undefined;
  const reason = "422 protected_branches and custom_branch_policies cannot have the same value";
  return { property: "deploymentBranchPolicy", reason };
}

const environment: TypeSpec = {
  type: environmentType,
  global: true,
  defaults: { canAdminsBypass: true, preventSelfReview: false },
  validate: (inputs) =>
    failures(
      required(inputs, "repository", "environment"),
      mustMatch(inputs, "environment", /^.{1,255}$/, "1 to 255 characters"),
      between(inputs, "waitTimer", 0, 43_200),
      validReviewers(inputs),
      validBranches(inputs),
    ),
  id: (inputs) => `${String(inputs["repository"])}:${encodeURIComponent(String(inputs["environment"]))}`,
  outputs: (inputs, _id, context) => ({ repositoryId: repositoryId(inputs, context) }),
  computed: ["repositoryId"],
  replaceOn: ["repository", "environment"],
  references: { repository: repositoryType },
  fidelity: "reviewers, wait timer and branch policy checked; holds back no deployment",
};

const ruleset: TypeSpec = {
  type: "github:index/repositoryRuleset:RepositoryRuleset",
  global: true,
  autoName: { property: "name", maxLength: 100 },
  validate: (inputs) =>
    failures(
      required(inputs, "enforcement", "rules", "target"),
      oneOf(inputs, "enforcement", ["disabled", "active", "evaluate"]),
      oneOf(inputs, "target", ["branch", "tag", "push"]),
    ),
  id: (_inputs, context) => String(number(context, 7)),
  outputs: (_inputs, id, context) => ({
    rulesetId: Number(id),
    nodeId: `RRS_lACqUmVwb3${context.suffix(10)}`,
    etag: `W/"${context.suffix(40)}"`,
  }),
  computed: ["rulesetId", "nodeId", "etag"],
  replaceOn: ["repository"],
  references: { repository: repositoryType },
  unique: { properties: ["repository", "name"], error: () => "422 Validation Failed: Name must be unique" },
  fidelity: "enforcement and target checked; enforces nothing",
};

const environmentVariable: TypeSpec = {
  type: "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable",
  global: true,
  validate: (inputs) =>
    failures(
      required(inputs, "repository", "environment", "variableName", "value"),
      mustMatch(
        inputs,
        "variableName",
        /^(?!GITHUB_)[A-Za-z_][A-Za-z0-9_]{0,254}$/i,
        "letters, digits and _, not beginning with GITHUB_",
      ),
    ),
  id: (inputs) => ["repository", "environment", "variableName"].map((key) => String(inputs[key])).join(":"),
  outputs: (inputs, _id, context) => ({
    repositoryId: repositoryId(inputs, context),
    createdAt: context.now(),
    updatedAt: context.now(),
  }),
  computed: ["createdAt", "updatedAt", "repositoryId"],
  replaceOn: ["repository", "environment", "variableName"],
  references: { repository: repositoryType },
  unique: {
    properties: ["repository", "environment", "variableName"],
    error: (inputs) => `409 Already exists - Variable ${String(inputs["variableName"])} already exists`,
  },
  refuseCreate: (inputs, context) => {
    const { repository: owner, environment: name } = inputs;
    const found = context
      .find(environmentType)
      .some((other) => other.inputs["repository"] === owner && other.inputs["environment"] === name);
    return found ? undefined : `404 Not Found: environment ${String(name)} of ${String(owner)}`;
  },
  fidelity: "names checked, environment must exist; no workflow reads it",
};

export const githubTypes: readonly TypeSpec[] = [repository, environment, ruleset, environmentVariable];
