import { block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { actionsTypes } from "./actions.ts";
import { environment, number, repositoryType } from "./environment.ts";

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

function validRefs(inputs: Properties): Failure | undefined {
  const { target } = inputs;
  if (target !== "branch" && target !== "tag") return undefined;
  const before = target === "tag" ? "refs/tags/" : "refs/heads/";
  const { includes } = block(block(inputs["conditions"])["refName"]);
  const wrong = list(includes).find(
    (ref) => typeof ref === "string" && !ref.startsWith("~") && !ref.startsWith(before),
  );
  return wrong === undefined
    ? undefined
    : {
        property: "conditions",
        reason: `"${text(wrong) ?? "that"}" is no ref of a ${String(target)}: it begins with ${before}`,
      };
}

function validBypass(inputs: Properties): Failure[] {
  return list(inputs["bypassActors"])
    .map(block)
    .flatMap((actor) => oneOf(actor, "bypassMode", ["always", "pull_request", "exempt"]) ?? [])
    .map(({ reason }) => ({ property: "bypassActors", reason }));
}

const ruleset: TypeSpec = {
  type: "github:index/repositoryRuleset:RepositoryRuleset",
  global: true,
  autoName: { property: "name", maxLength: 100 },
  validate: (inputs) =>
    failures(
      required(inputs, "enforcement", "rules", "target"),
      oneOf(inputs, "enforcement", ["disabled", "active", "evaluate"]),
      oneOf(inputs, "target", ["branch", "tag", "push"]),
      validRefs(inputs),
      validBypass(inputs),
    ),
  id: (_inputs, context) => String(number(context, 7)),
  outputs: (_inputs, id, context) => ({
    rulesetId: Number(id),
    nodeId: `RRS_lACqUmVwb3${context.suffix(10)}`,
    etag: `W/"${context.suffix(40)}"`,
  }),
  computed: ["rulesetId", "nodeId", "etag"],
  replaceOn: ["repository"],
  unique: { properties: ["repository", "name"], error: () => "422 Validation Failed: Name must be unique" },
  fidelity: "enforcement, target, refs and bypass modes checked; enforces nothing",
};

export const githubTypes: readonly TypeSpec[] = [repository, environment, ruleset, ...actionsTypes];
