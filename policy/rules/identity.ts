import { at, type Problem, type ResourceRule, type Subject } from "../model.ts";
import { statementsOf, type PolicyStatement } from "../predicates/statements.ts";
import { isWildcard, unscopedActions } from "../predicates/wildcards.ts";

const KEY = "aws:kms/key:Key";
/** Policies of who may do what: their resources are anything of the account. */
const identityPolicies = ["aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy", "aws:iam/userPolicy:UserPolicy"];
/** Policies of a resource about itself. */
const resourcePolicies = [
  KEY,
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:ecr/repositoryPolicy:RepositoryPolicy",
  "aws:secretsmanager/secretPolicy:SecretPolicy",
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
];

function forAllows(subject: Subject, wrong: (statement: PolicyStatement) => string | undefined): Problem[] {
  return statementsOf(at(subject.props, "policy"))
    .filter(({ effect }) => effect === "Allow")
    .flatMap((statement) => {
      const message = wrong(statement);
      const property = `policy.Statement[${statement.index}]`;
      return message === undefined ? [] : [{ property, message: `${statement.sid || "a statement"} ${message}` }];
    });
}

/** What a key's account must be able to do: without it IAM cannot grant the key, and nobody could ever change it. */
const isAccountRoot = ({ principals, actions }: PolicyStatement): boolean =>
  actions.join() === "kms:*" && principals.length > 0 && principals.every((name) => /:iam::\d{12}:root$/.test(name));

/** Who may do what in an account. */
export const identityRules: readonly ResourceRule[] = [
  {
    id: "iam-wildcard-action",
    level: "mandatory",
    title: "no Allow of every action of a service",
    why: "a wildcard also grants what the service can do next year, and nobody decides about that again",
    fix: "name the actions; where a wildcard is right, say so in policy/suppressions.yaml with a reason and an end",
    types: [...identityPolicies, ...resourcePolicies],
    check: (subject) =>
      forAllows(subject, (statement) => {
        if (subject.type === KEY && isAccountRoot(statement)) return undefined;
        const wide = statement.actions.filter(isWildcard);
        return wide.length === 0 ? undefined : `allows ${wide.join(", ")}`;
      }),
  },
  {
    id: "iam-wildcard-resource",
    level: "mandatory",
    title: "no Allow on every resource where the action can be limited to some",
    why: "whoever takes the role over reaches everything in the account instead of what the role is for",
    fix: "name the resources or limit the statement by a condition; actions that IAM takes no resource for belong into policy/predicates/wildcards.ts",
    types: identityPolicies,
    check: (subject) =>
      forAllows(subject, ({ resources, actions, conditional }) => {
        if (conditional || !resources.includes("*")) return undefined;
        const scoped = actions.filter((action) => !unscopedActions.has(action));
        return scoped.length === 0 ? undefined : `allows ${scoped.join(", ")} on every resource`;
      }),
  },
  {
    id: "iam-public-principal",
    level: "mandatory",
    title: "no Allow for everybody",
    why: "the resource is open to every account in the world",
    fix: "name accounts, roles or services, or add a condition that does",
    types: resourcePolicies,
    check: (subject) =>
      forAllows(subject, ({ principals, conditional }) =>
        principals.includes("*") && !conditional ? "allows everybody" : undefined,
      ),
  },
  {
    id: "iam-boundary",
    level: "mandatory",
    title: "every role has a permissions boundary",
    why: "who may write policies could otherwise make a role that may do more than they themselves",
    fix: "set permissionsBoundary, as components/delivery/bounded-roles.ts does for a whole stack",
    types: ["aws:iam/role:Role"],
    check: ({ props }) =>
      at(props, "permissionsBoundary") ? [] : [{ property: "permissionsBoundary", message: "the role has none" }],
  },
];
