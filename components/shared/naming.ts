/** The word every physical name starts with, so that people and policies can tell Slipway's resources. */
export const prefix = "slipway";

/** Longest physical names that the services accept. */
const limits = {
  bucket: 63,
  cluster: 100,
  repository: 256,
  alias: 256,
  logGroup: 512,
  database: 255,
  function: 64,
  secret: 512,
} as const;

export type NamedKind = keyof typeof limits;

/** @throws RangeError for a name that the service would refuse as too long. */
export function limited(kind: NamedKind, name: string): string {
  const limit = limits[kind];
  if (name.length <= limit) return name;
  throw new RangeError(`${kind} name "${name}" has ${name.length} characters, at most ${limit} are allowed.`);
}

/** Buckets share one namespace across all accounts, so the account and the region are part of the name. */
export function bucketName(purpose: string, account: string, region: string): string {
  return limited("bucket", `${prefix}-${purpose}-${account}-${region}`);
}

export function clusterName(environment: string): string {
  return limited("cluster", `${prefix}-${environment}`);
}

export function repositoryName(service: string): string {
  return limited("repository", `${prefix}/${service}`);
}

export function keyAlias(environment: string, purpose: string): string {
  return limited("alias", `alias/${prefix}/${environment}/${purpose}`);
}

/** EKS writes to exactly this group; made beforehand, it gets a retention and a key instead of living forever in clear. */
export function controlPlaneLogGroup(cluster: string): string {
  return limited("logGroup", `/aws/eks/${cluster}/cluster`);
}

export function flowLogGroup(environment: string): string {
  return limited("logGroup", `/${prefix}/${environment}/flow-logs`);
}

/** Data catalogs take no dashes in names that SQL has to say, so these have underscores. */
export function databaseName(environment: string, purpose: string): string {
  return limited("database", `${prefix}_${environment}_${purpose}`.replaceAll("-", "_"));
}

/** Lambda writes to exactly this group. */
export function functionLogGroup(functionName: string): string {
  return limited("logGroup", `/aws/lambda/${functionName}`);
}

export function secretName(environment: string, component: string, name: string): string {
  return limited("secret", `${prefix}/${environment}/${component}/${name}`);
}

/** AWS partition that a region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
