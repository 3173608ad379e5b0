import type { Properties } from "../../types/type-spec.ts";
import { arnOf, present, seconds, type Scope } from "../protocol.ts";

export const approvals = ["Approved", "Rejected", "PendingManualApproval"] as const;
export type Approval = (typeof approvals)[number];

/** What a group remembers beside its versions. */
export interface PackageGroup {
  /** When the group was made, as the record says: another one of its name begins anew. */
  since: string;
  /** Highest version that was given: numbers are never given twice. */
  last: number;
  /** Versions by the client token that asked for them. */
  tokens: Readonly<Record<string, number>>;
}

/** One version of a model in the registry. */
export interface ModelPackage {
  group: string;
  version: number;
  approval: Approval;
  approvalDescription?: string;
  description?: string;
  /** What the caller gave and nobody here looks at: containers, metrics, metadata. */
  members: Properties;
  /** `CustomerMetadataProperties`. */
  metadata: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  created: number;
  modified: number;
}

/** Members of CreateModelPackage that come back as they were given. */
export const keptMembers = [
  ...["InferenceSpecification", "AdditionalInferenceSpecifications", "ModelMetrics", "MetadataProperties"],
  ...["DriftCheckBaselines", "Domain", "Task", "SamplePayloadUrl", "SourceUri", "SkipModelValidation", "ModelCard"],
  ...["SourceAlgorithmSpecification", "ValidationSpecification", "SecurityConfig", "ModelLifeCycle"],
];

export function packageArn(scope: Scope, { group, version }: Pick<ModelPackage, "group" | "version">): string {
  return arnOf(scope, "sagemaker", `model-package/${group}/${version}`);
}

/** The answer to DescribeModelPackage. */
export function describedPackage(scope: Scope, found: ModelPackage): Properties {
  return present({
    ...summaryOf(scope, found),
    ...found.members,
    ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
    CertifyForMarketplace: false,
    ApprovalDescription: found.approvalDescription,
    CustomerMetadataProperties: Object.keys(found.metadata).length > 0 ? found.metadata : undefined,
    LastModifiedTime: found.modified === found.created ? undefined : seconds(found.modified),
  });
}

/** One entry of ListModelPackages. */
export function summaryOf(scope: Scope, found: ModelPackage): Properties {
  return present({
    ModelPackageGroupName: found.group,
    ModelPackageVersion: found.version,
    ModelPackageArn: packageArn(scope, found),
    ModelPackageDescription: found.description,
    CreationTime: seconds(found.created),
    ModelPackageStatus: "Completed",
    ModelApprovalStatus: found.approval,
    ModelLifeCycle: found.members["ModelLifeCycle"],
  });
}

/**
 * What EventBridge is told of a change. Times are texts there, and what a request changed is named.
 *
 * @param changed Members that an update changed; none for a new version.
 */
export function packageEvent(scope: Scope, found: ModelPackage, changed: readonly string[]) {
  const { LastModifiedTime: _modified, ...described } = describedPackage(scope, found);
  const time = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    source: "aws.sagemaker",
    detailType: "SageMaker Model Package State Change",
    resources: [packageArn(scope, found)],
    detail: present({
      ...described,
      CreationTime: time(found.created),
      LastModifiedTime: time(found.modified),
      UpdatedModelPackageFields: changed.length > 0 ? changed : undefined,
    }),
  };
}
