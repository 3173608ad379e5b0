/** How workflows reach an account: provider, boundary, a role for each purpose and their policies. */
function identity(groups: Readonly<Record<string, readonly string[]>>): string[] {
  const policies = Object.entries(groups).flatMap(([purpose, names]) =>
    names.flatMap((name) => [
      `aws:iam/policy:Policy delivery-${purpose}-${name}`,
      `aws:iam/rolePolicyAttachment:RolePolicyAttachment delivery-${purpose}-${name}-grant`,
    ]),
  );
  return [
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider delivery-github",
    "aws:iam/policy:Policy delivery-boundary",
    ...Object.keys(groups).map((purpose) => `aws:iam/role:Role delivery-${purpose}`),
    "slipway:index:DeliveryIdentity delivery",
    ...policies,
  ];
}

export const environmentDelivery = identity({
  deploy: [
    "platform",
    "pipeline",
    "models",
    "network",
    "cluster",
    "storage",
    "data",
    "model",
    "observability",
    "state",
  ],
  preview: ["platform", "pipeline", "models", "blind", "state"],
});

/** Patterns and variables of one environment of the repository. */
function gitHubEnvironment(name: string, policies: readonly string[], variables: readonly string[]): string[] {
  return [
    `github:index/repositoryEnvironment:RepositoryEnvironment github-${name}-environment`,
    `slipway:index:GitHubEnvironment github-${name}`,
    ...policies.map(
      (policy) =>
        `github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy github-${name}-${policy}`,
    ),
    ...variables.map(
      (variable) => `github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable github-${name}-${variable}`,
    ),
  ];
}

const inAccount = ["AWS_ACCOUNT_ID", "AWS_PREVIEW_ROLE_ARN", "AWS_REGION"];
const inCluster = [...inAccount, "EKS_CLUSTER_NAME"];

const repository = [
  "github:index/actionsRepositoryOidcSubjectClaimCustomizationTemplate:ActionsRepositoryOidcSubjectClaimCustomizationTemplate github-subject",
  "github:index/actionsRepositoryPermissions:ActionsRepositoryPermissions github-actions",
  ...["DEV_PREVIEW_ROLE_ARN", "DEV_REGION", "PULUMI_BACKEND_URL", "SLIPWAY_SECRETS_PROVIDER", "SLIPWAY_STORE"].map(
    (name) => `github:index/actionsVariable:ActionsVariable github-${name}`,
  ),
  ...["main", "manifests", "promotion-tags", "version-tags"].map(
    (name) => `github:index/repositoryRuleset:RepositoryRuleset github-${name}`,
  ),
  "pulumi:providers:github github",
  "slipway:index:GitHubDelivery github",
  ...gitHubEnvironment("operations", ["branch-main"], [...inAccount, "AWS_ROLE_ARN"]),
  ...gitHubEnvironment("operations-preview", ["branch-main"], inAccount),
  ...gitHubEnvironment("operations-publish", ["branch-main"], [...inAccount, "AWS_ROLE_ARN"]),
  ...gitHubEnvironment("dev", ["branch-main"], [...inCluster, "AWS_ROLE_ARN"]),
  ...gitHubEnvironment("staging", ["branch-main", "tag-staging"], [...inCluster, "AWS_ROLE_ARN"]),
  ...gitHubEnvironment("prod", ["branch-main", "tag-prod"], [...inCluster, "AWS_ROLE_ARN"]),
  ...["dev", "staging", "prod"].flatMap((name) => gitHubEnvironment(`${name}-preview`, ["branch-main"], inCluster)),
];

export const operationsDelivery = [
  ...identity({
    deploy: ["reading", "storage", "state"],
    preview: ["reading", "state"],
    publish: ["images", "state"],
  }),
  ...repository,
];
