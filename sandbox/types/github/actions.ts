import { block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { environmentType, number, repositoryId } from "./environment.ts";

const variableName = /^(?!GITHUB_)[A-Za-z_][A-Za-z0-9_]{0,254}$/i;
const variableRule = "letters, digits and _, not beginning with GITHUB_";

/** An environment must be there before anything can be said about it. */
function missingEnvironment(inputs: Properties, context: TypeContext): string | undefined {
  const { repository, environment } = inputs;
  const found = context
    .find(environmentType)
    .some((other) => other.inputs["repository"] === repository && other.inputs["environment"] === environment);
  return found ? undefined : `404 Not Found: environment ${String(environment)} of ${String(repository)}`;
}

const environmentVariable: TypeSpec = {
  type: "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable",
  global: true,
  validate: (inputs) =>
    failures(
      required(inputs, "repository", "environment", "variableName", "value"),
      mustMatch(inputs, "variableName", variableName, variableRule),
    ),
  id: (inputs) => ["repository", "environment", "variableName"].map((key) => String(inputs[key])).join(":"),
  outputs: (inputs, _id, context) => ({
    repositoryId: repositoryId(inputs, context),
    createdAt: context.now(),
    updatedAt: context.now(),
  }),
  computed: ["createdAt", "updatedAt", "repositoryId"],
  replaceOn: ["repository", "environment", "variableName"],
  unique: {
    properties: ["repository", "environment", "variableName"],
    error: (inputs) => `409 Already exists - Variable ${String(inputs["variableName"])} already exists`,
  },
  refuseCreate: missingEnvironment,
  fidelity: "names checked, environment must exist; no workflow reads it",
};

const variable: TypeSpec = {
  type: "github:index/actionsVariable:ActionsVariable",
  global: true,
  validate: (inputs) =>
    failures(
      required(inputs, "repository", "variableName", "value"),
      mustMatch(inputs, "variableName", variableName, variableRule),
    ),
  id: (inputs) => `${String(inputs["repository"])}:${String(inputs["variableName"])}`,
  outputs: (inputs, _id, context) => ({
    repositoryId: repositoryId(inputs, context),
    createdAt: context.now(),
    updatedAt: context.now(),
  }),
  computed: ["createdAt", "updatedAt", "repositoryId"],
  replaceOn: ["repository", "variableName"],
  unique: {
    properties: ["repository", "variableName"],
    error: (inputs) => `409 Already exists - Variable ${String(inputs["variableName"])} already exists`,
  },
  fidelity: "names checked; no workflow reads it",
};

function exactlyOnePattern(inputs: Properties): Failure | undefined {
  const given = ["branchPattern", "tagPattern"].filter((key) => inputs[key] !== undefined && inputs[key] !== null);
  if (given.length === 1) return undefined;
  return { property: "branchPattern", reason: "exactly one of branchPattern and tagPattern must be given" };
}

/** GitHub takes patterns only where the environment says that it has its own. */
function withoutCustomPolicies(inputs: Properties, context: TypeContext): string | undefined {
  const missing = missingEnvironment(inputs, context);
  if (missing !== undefined) return missing;
  const { repository, environment } = inputs;
  const owner = context
    .find(environmentType)
    .find((other) => other.inputs["repository"] === repository && other.inputs["environment"] === environment);
  const { customBranchPolicies } = block(owner?.inputs["deploymentBranchPolicy"]);
  return customBranchPolicies === true
    ? undefined
    : `404 Not Found: environment ${String(environment)} has no custom deployment branch policies`;
}

const deploymentPolicy: TypeSpec = {
  type: "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
  global: true,
  validate: (inputs) => failures(required(inputs, "repository", "environment"), exactlyOnePattern(inputs)),
  id: (inputs, context) =>
    [inputs["repository"], inputs["environment"], String(parseInt(context.suffix(7), 16))].map(String).join(":"),
  outputs: (_inputs, id, context) => ({
    policyId: Number(id.split(":").at(-1)),
    repositoryId: repositoryId(_inputs, context),
  }),
  computed: ["policyId", "repositoryId"],
  replaceOn: ["repository", "environment"],
  unique: {
    properties: ["repository", "environment", "branchPattern", "tagPattern"],
    error: () => "303 See Other: a policy of that pattern already exists",
  },
  refuseCreate: withoutCustomPolicies,
  fidelity: "environment must exist and have policies of its own; holds back no deployment",
};

function validActions(inputs: Properties): Failure | undefined {
  const selected = inputs["allowedActions"] === "selected";
  const configured = inputs["allowedActionsConfig"] !== undefined && inputs["allowedActionsConfig"] !== null;
  if (!configured || selected) return undefined;
  return { property: "allowedActionsConfig", reason: 'only with allowedActions "selected"' };
}

const permissions: TypeSpec = {
  type: "github:index/actionsRepositoryPermissions:ActionsRepositoryPermissions",
  global: true,
  defaults: { enabled: true },
  validate: (inputs) =>
    failures(
      required(inputs, "repository"),
      oneOf(inputs, "allowedActions", ["all", "local_only", "selected"]),
      validActions(inputs),
    ),
  id: (inputs) => String(inputs["repository"]),
  replaceOn: ["repository"],
  unique: {
    properties: ["repository"],
    error: (inputs) => `permissions of ${String(inputs["repository"])} are managed twice`,
  },
  fidelity: "values checked; no workflow runs",
};

function validTemplate(inputs: Properties): Failure | undefined {
  const keys = list(inputs["includeClaimKeys"]);
  if (inputs["useDefault"] === true && keys.length > 0)
    return { property: "includeClaimKeys", reason: "not with useDefault: true" };
  const odd = keys.find((key) => !/^\w+$/.test(text(key) ?? ""));
  return odd === undefined
    ? undefined
    : { property: "includeClaimKeys", reason: `"${text(odd) ?? "that"}" is no claim` };
}

const subjectTemplate: TypeSpec = {
  type: "github:index/actionsRepositoryOidcSubjectClaimCustomizationTemplate:ActionsRepositoryOidcSubjectClaimCustomizationTemplate",
  global: true,
  validate: (inputs) => failures(required(inputs, "repository", "useDefault"), validTemplate(inputs)),
  id: (inputs) => String(inputs["repository"]),
  replaceOn: ["repository"],
  unique: {
    properties: ["repository"],
    error: (inputs) => `the template of ${String(inputs["repository"])} is managed twice`,
  },
  fidelity: "claims checked; no token is issued",
};

function validHook(inputs: Properties): Failure[] {
  const { url, contentType } = block(inputs["configuration"]);
  return failures(
    typeof url !== "string" || !/^https?:\/\/\S+$/.test(url)
      ? { property: "configuration", reason: "422 url is missing a scheme or is no URL" }
      : undefined,
    contentType !== undefined && contentType !== "json" && contentType !== "form"
      ? { property: "configuration", reason: 'contentType is "json" or "form"' }
      : undefined,
    list(inputs["events"]).length === 0 ? { property: "events", reason: "at least one event" } : undefined,
  );
}

const webhook: TypeSpec = {
  type: "github:index/repositoryWebhook:RepositoryWebhook",
  global: true,
  defaults: { active: true },
  validate: (inputs) => failures(required(inputs, "repository", "events", "configuration"), validHook(inputs)),
  id: (_inputs, context) => String(number(context, 9)),
  outputs: (inputs, id) => ({
    url: `https://api.github.com/repos/${String(inputs["repository"])}/hooks/${id}`,
    etag: `W/"${id}"`,
  }),
  computed: ["url", "etag"],
  replaceOn: ["repository"],
  secretOutputs: ["configuration", "url"],
  fidelity: "address, events and form checked; nothing is delivered",
};

export const actionsTypes: readonly TypeSpec[] = [
  environmentVariable,
  variable,
  deploymentPolicy,
  permissions,
  subjectTemplate,
  webhook,
];
