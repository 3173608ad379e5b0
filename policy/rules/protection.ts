import { at, isGuarded, isOn, isProduction, UNKNOWN, unless, type ResourceRule } from "../model.ts";
import { requiredTags } from "../predicates/tags.ts";

/** Types whose content does not come back when the resource does. */
const stateful = [
  "aws:kms/key:Key",
  "aws:s3/bucket:Bucket",
  "aws:secretsmanager/secret:Secret",
  "aws:ecr/repository:Repository",
  "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
  "aws:dynamodb/table:Table",
  "aws:rds/instance:Instance",
  "aws:rds/cluster:Cluster",
  "mongodbatlas:index/streamWorkspace:StreamWorkspace",
  "mongodbatlas:index/streamProcessor:StreamProcessor",
  "mongodbatlas:index/advancedCluster:AdvancedCluster",
];

/** What must not vanish, and whose it is. */
export const protectionRules: readonly ResourceRule[] = [
  {
    id: "protect-stateful",
    level: "mandatory",
    title: "what cannot be rebuilt is protected in production and operations",
    why: "a renamed resource is a deleted one, and its content is gone before anybody reads the plan",
    fix: "spread protectionOf() of components/shared/protection.ts into its options",
    types: stateful,
    check: (subject) =>
      isGuarded(subject) && !subject.protect ? [{ property: "protect", message: "it can be deleted" }] : [],
  },
  {
    id: "deletion-protection",
    level: "mandatory",
    title: "clusters and databases in production refuse to be deleted",
    why: "`protect` holds Pulumi back and nobody else",
    fix: "set deletionProtection: true",
    types: ["aws:eks/cluster:Cluster", "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"],
    check: (subject) => (isProduction(subject) ? unless(subject, "deletionProtection", isOn, "it is off") : []),
  },
  {
    id: "kms-deletion-window",
    level: "mandatory",
    title: "keys of production and operations wait thirty days before they go",
    why: "what a deleted key has encrypted is lost, and that is noticed at the next restore",
    fix: "leave deletionWindowInDays at 30",
    types: ["aws:kms/key:Key"],
    check: (subject) =>
      isGuarded(subject)
        ? unless(subject, "deletionWindowInDays", (days) => days === undefined || days === 30, "it waits for less")
        : [],
  },
  {
    id: "required-tags",
    level: "mandatory",
    title: `everything in AWS is tagged with ${requiredTags.join(", ")}`,
    why: "a bill or an incident finds its owner by them, and the deploy role may only touch what carries them",
    fix: "set defaultTags of the provider to commonTags() of components/shared/tags.ts",
    types: ["pulumi:providers:aws"],
    check({ props }) {
      const given = at(props, "defaultTags");
      const parsed: unknown = typeof given === "string" ? JSON.parse(given) : given;
      if (parsed === UNKNOWN) return [];
      const tags = (at(parsed, "tags") ?? {}) as Record<string, unknown>;
      return requiredTags
        .filter((tag) => !tags[tag])
        .map((tag) => ({ property: `defaultTags.tags.${tag}`, message: "the tag is missing" }));
    },
  },
  {
    id: "provider-account",
    level: "mandatory",
    title: "the provider of AWS knows its account",
    why: "with another account's credentials the same program would build a second platform there",
    fix: "set allowedAccountIds of the provider",
    types: ["pulumi:providers:aws"],
    check: (subject) =>
      unless(
        subject,
        "allowedAccountIds",
        (accounts) => /\d{12}/.test(JSON.stringify(accounts ?? "")),
        "it takes any account",
      ),
  },
];
