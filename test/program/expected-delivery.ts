/** How workflows reach an account: provider, boundary, two roles and their policies. */
function identity(groups: { deploy: readonly string[]; preview: readonly string[] }): string[] {
  const policies = Object.entries(groups).flatMap(([purpose, names]) =>
    names.flatMap((name) => [
      `aws:iam/policy:Policy delivery-${purpose}-${name}`,
      `aws:iam/rolePolicyAttachment:RolePolicyAttachment delivery-${purpose}-${name}-grant`,
    ]),
  );
  return [
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider delivery-github",
    "aws:iam/policy:Policy delivery-boundary",
    "aws:iam/role:Role delivery-deploy",
    "aws:iam/role:Role delivery-preview",
    "slipway:index:DeliveryIdentity delivery",
    ...policies,
  ];
}

export const environmentDelivery = identity({
  deploy: ["platform", "pipeline", "network", "cluster", "storage", "data", "state"],
  preview: ["platform", "pipeline", "blind", "state"],
});

export const operationsDelivery = identity({
  deploy: ["reading", "storage", "state"],
  preview: ["reading", "state"],
});
