import { bucketName, partitionOf, prefix } from "../shared/naming.ts";

/** Where something is: an account of an environment, and the region it works in. */
export interface Place {
  environment: string;
  account: string;
  region: string;
}

/** Who signs the tokens of workflows, and for whom. */
export const issuer = "token.actions.githubusercontent.com";
export const audience = "sts.amazonaws.com";

/** `deploy` changes an environment, `preview` only looks at it, `publish` fills the registry of the operations account and changes nothing else. */
export type Purpose = "deploy" | "preview" | "publish";

/** Purposes that an environment has a role for. */
export function purposesOf(environment: string): readonly Purpose[] {
  return environment === "operations" ? ["deploy", "preview", "publish"] : ["deploy", "preview"];
}

/** Environments that the platform is carried through, and the account that all of them read from. */
export const platformEnvironments = ["operations", "dev", "staging", "prod"] as const;

export function deliveryRole(purpose: Purpose): string {
  return `${prefix}-${purpose}`;
}

export const boundaryName = `${prefix}-boundary`;

/** GitHub environment whose jobs may take on a role: approvals guard the one that changes it, not the others. */
export function gitHubEnvironment(environment: string, purpose: Purpose): string {
  return purpose === "deploy" ? environment : `${environment}-${purpose}`;
}

/** ARN of something that IAM keeps in the account of a place, e.g. `role/slipway-deploy`. */
export function iamArn({ account, region }: Pick<Place, "account" | "region">, resource: string): string {
  return `arn:${partitionOf(region)}:iam::${account}:${resource}`;
}

/** ARN of something regional in the account of a place. */
export function regionalArn(
  { account, region }: Pick<Place, "account" | "region">,
  service: string,
  resource: string,
): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
}

export function boundaryArn(place: Place): string {
  return iamArn(place, `policy/${boundaryName}`);
}

/** What the physical names of an environment begin with. */
export function environmentPrefix({ environment }: Pick<Place, "environment">): string {
  return `${prefix}-${environment}-`;
}

/** ARN of the bucket that the operations account keeps state and records in. */
export function stateBucketArn({ account, region }: Pick<Place, "account" | "region">): string {
  return `arn:${partitionOf(region)}:s3:::${bucketName("state", account, region)}`;
}

/** Stacks of pull requests, and the role in their accounts that dev's deployments take on. */
export const ephemeralStacks = "pr-*";
export const ephemeralRole = `${prefix}-ephemeral`;
