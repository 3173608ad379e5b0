import type { Statement } from "../../shared/iam.ts";
import { bucketName, partitionOf } from "../../shared/naming.ts";
import { type BoundaryScope, assumeEphemeral } from "../boundary.ts";
import { type Place, type Purpose, regionalArn } from "../names.ts";
import { keepImages, keepLooks, readState, writeState } from "../state-access.ts";
import { changeCluster, readCluster } from "./cluster.ts";
import { changeData, readData } from "./data.ts";
import { changeRoles, readIdentity } from "./identity.ts";
import { changeModel, readModel } from "./model.ts";
import { changeNetwork, readNetwork } from "./network.ts";
import { changeObservability, readObservability } from "./observability.ts";
import { changeBuckets, changeKeys, emptyBuckets, readBuckets, readKeys, uploadCode, verifyData } from "./storage.ts";

export interface PolicyScope extends BoundaryScope {
  /** Whether the environment may be torn down with everything in it. */
  disposable: boolean;
}

/** Statements by what they are about; each group is a managed policy of its own, because one holds no more than 6144 characters. */
export type Policies = Readonly<Record<string, readonly Statement[]>>;

/** Calls that show data or secrets. The one that only looks is refused them in words, whatever else it is ever given. */
const dataReads = [
  "athena:GetQueryResults",
  "glue:GetConnection",
  "glue:GetConnections",
  "logs:FilterLogEvents",
  "logs:GetLogEvents",
  "logs:StartQuery",
  "secretsmanager:BatchGetSecretValue",
  "secretsmanager:GetSecretValue",
  "sqs:ReceiveMessage",
  "ssm:GetParameter*",
];

function blindToData({ account, region, operations }: BoundaryScope): Statement[] {
  const ownBuckets = [`arn:${partitionOf(region)}:s3:::slipway-*-bucket-*/*`];
  return [
    { sid: "NoData", effect: "Deny", actions: dataReads, resources: ["*"] },
    { sid: "NoObjects", effect: "Deny", actions: ["s3:GetObject*"], resources: ownBuckets },
    ...(account === operations.account
      ? []
      : [
          {
            sid: "NoKeysOfData",
            effect: "Deny" as const,
            actions: ["kms:Decrypt"],
            resources: [regionalArn({ account, region }, "kms", "key/*")],
          },
        ]),
  ];
}

/** Buckets of the operations account, which are named after what they hold. */
function operationsBuckets({ account, region }: Place): string[] {
  return ["artifacts", "state"].map((what) => `arn:${partitionOf(region)}:s3:::${bucketName(what, account, region)}`);
}

function repositories(place: Place): string[] {
  return [regionalArn(place, "ecr", "repository/slipway/*")];
}

function readRegistry(place: Place): Statement {
  const actions = [
    "ecr:DescribeRepositories",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:ListTagsForResource",
  ];
  return { sid: "ReadRegistry", actions, resources: repositories(place) };
}

function changeRegistry(place: Place): Statement {
  return {
    sid: "ChangeRegistry",
    actions: [
      "ecr:CreateRepository",
      "ecr:DeleteLifecyclePolicy",
      "ecr:DeleteRepository",
      "ecr:DeleteRepositoryPolicy",
      "ecr:PutImageScanningConfiguration",
      "ecr:PutImageTagMutability",
      "ecr:PutLifecyclePolicy",
      "ecr:SetRepositoryPolicy",
      "ecr:TagResource",
      "ecr:UntagResource",
    ],
    resources: repositories(place),
  };
}

/** Images go in and never out: a tag does not move, and what a cluster pulls stays. */
function pushImages(place: Place): Statement[] {
  return [
    {
      sid: "PushImages",
      actions: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ],
      resources: repositories(place),
    },
    {
      sid: "SignInToRegistry",
      actions: ["ecr:GetAuthorizationToken"],
      resources: ["*"],
      wildcardReason: "a password is for the registry as a whole",
    },
  ];
}

function operationsPolicies(scope: PolicyScope, purpose: Purpose): Policies {
  if (purpose === "publish") return { images: [...pushImages(scope), ...blindToData(scope)], state: keepImages(scope) };
  const buckets = operationsBuckets(scope);
  const reading = [readIdentity(scope), readBuckets(scope, buckets), ...readKeys(scope), readRegistry(scope)];
  const state = purpose === "preview" ? [...readState(scope), ...keepLooks(scope)] : writeState(scope);
  if (purpose === "preview") return { reading: [...reading, ...blindToData(scope)], state };
  return {
    reading,
    storage: [changeBuckets(scope, buckets), ...changeKeys(scope), changeRegistry(scope)],
    state,
  };
}

function environmentPolicies(scope: PolicyScope, purpose: Purpose): Policies {
  const platform = [readIdentity(scope), readNetwork(), ...readCluster(scope), readBuckets(scope), ...readKeys(scope)];
  const reading = { platform, pipeline: readData(scope), models: [...readModel(scope), ...readObservability(scope)] };
  if (purpose === "preview")
    return { ...reading, blind: blindToData(scope), state: [...readState(scope), ...keepLooks(scope)] };
  return {
    ...reading,
    network: changeNetwork(scope),
    cluster: [...changeCluster(scope), ...changeRoles(scope)],
    storage: [
      changeBuckets(scope),
      uploadCode(scope),
      verifyData(scope),
      ...(scope.disposable ? [emptyBuckets(scope)] : []),
      ...changeKeys(scope),
    ],
    data: changeData(scope),
    model: changeModel(scope),
    observability: changeObservability(scope),
    state: [...writeState(scope), ...assumeEphemeral(scope)],
  };
}

/** What a role of the delivery may do, by group. The boundary bounds all of it once more. */
export function deliveryPolicies(scope: PolicyScope, purpose: Purpose): Policies {
  return scope.environment === "operations" ? operationsPolicies(scope, purpose) : environmentPolicies(scope, purpose);
}
