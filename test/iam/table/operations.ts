import {
  type Place,
  type Row,
  type Table,
  arn,
  bounded,
  iam,
  may,
  not,
  ownTags,
  stateBucket,
  stateKey,
} from "./row.ts";
import { lookRows, through } from "./look.ts";

function state(writes: boolean): Row[] {
  const written = writes ? may : not;
  return [
    may("s3:GetObject", `${stateBucket}/.pulumi/stacks/slipway/operations.json`),
    may("kms:Decrypt", stateKey),
    written("s3:PutObject", `${stateBucket}/.pulumi/stacks/slipway/operations.json`),
    written("s3:PutObject", `${stateBucket}/slipway/ledger/operations/00000001.json`),
    not("s3:PutObject", `${stateBucket}/slipway/ledger/prod/00000001.json`),
    not("s3:DeleteObject", `${stateBucket}/slipway/ledger/operations/00000001.json`),
    ...["dev", "staging", "prod"].flatMap((other) => [
      not("s3:GetObject", `${stateBucket}/.pulumi/stacks/slipway/${other}.json`),
      not("s3:PutObject", `${stateBucket}/.pulumi/stacks/slipway/${other}.json`),
    ]),
  ];
}

/** Pushing images, and saying what became of which files. */
function publishing(place: Place): Row[] {
  const repository = arn(place, "ecr", "repository/slipway/api");
  return [
    ...["PutImage", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "BatchGetImage"].map((action) =>
      may(`ecr:${action}`, repository),
    ),
    may("ecr:GetAuthorizationToken", "*"),
    not("ecr:PutImage", arn(place, "ecr", "repository/other")),
    not("ecr:BatchDeleteImage", repository),
    not("ecr:PutImageTagMutability", repository),
    may("s3:GetObject", `${stateBucket}/.pulumi/stacks/slipway/operations.json`),
    may("s3:GetObject", `${stateBucket}/slipway/images/api/sha256/0.json`),
    may("s3:PutObject", `${stateBucket}/slipway/images/api/sha256/0.json`),
    ...[
      ".pulumi/stacks/slipway/operations.json",
      "slipway/releases/0.json",
      "slipway/artifacts/sha256/0",
      "slipway/ledger/operations/00000001.json",
      "slipway/leases/operations.json",
    ].map((key) => not("s3:PutObject", `${stateBucket}/${key}`)),
    not("s3:DeleteObject", `${stateBucket}/slipway/images/api/sha256/0.json`),
    may("kms:Decrypt", stateKey),
    not("kms:Encrypt", stateKey),
    may("kms:GenerateDataKey", stateKey, through("s3", `${stateBucket}/slipway/images/api/sha256/0.json`)),
    not("kms:GenerateDataKey", stateKey, through("s3", `${stateBucket}/slipway/releases/0.json`)),
    not("kms:GenerateDataKey", stateKey),
    not("secretsmanager:GetSecretValue", arn(place, "secretsmanager", "secret:x-abcdef")),
  ];
}

/** Rows of the roles in the operations account, which holds images, artifacts and state. */
export function operationsTable(place: Place): Table {
  const { account } = place;
  const repository = arn(place, "ecr", "repository/slipway/api");
  const artifacts = `arn:aws:s3:::slipway-artifacts-${account}-us-east-1`;
  const changes = (row: typeof may): Row[] => [
    row("ecr:SetRepositoryPolicy", repository),
    row("s3:PutBucketPolicy", artifacts),
    row("s3:PutBucketPolicy", stateBucket),
    row("kms:PutKeyPolicy", stateKey, ownTags(place, "ResourceTag")),
  ];
  return {
    "slipway-deploy": [
      ...changes(may),
      ...state(true),
      not("ecr:SetRepositoryPolicy", arn(place, "ecr", "repository/other")),
      not("ecr:PutImage", repository),
      not("s3:PutObject", `${stateBucket}/slipway/images/api/sha256/0.json`),
      not("iam:CreateRole", iam(account, "role/slipway-operations-x"), bounded(account)),
      not("iam:PutRolePolicy", iam(account, "role/slipway-deploy"), bounded(account)),
      not("iam:CreatePolicyVersion", iam(account, "policy/slipway-boundary")),
      not("ec2:CreateVpc", arn(place, "ec2", "vpc/vpc-1"), ownTags(place, "RequestTag")),
      not("s3:PutBucketPolicy", "arn:aws:s3:::slipway-dev-raw-bucket-222222222222-us-east-1"),
    ],
    "slipway-publish": [...changes(not), ...publishing(place)],
    "slipway-preview": [
      ...changes(not),
      ...state(false),
      ...lookRows(place),
      may("ecr:DescribeRepositories", repository),
      may("s3:GetBucketPolicy", artifacts),
      not("ecr:PutImage", repository),
      not("s3:PutObject", `${stateBucket}/slipway/images/api/sha256/0.json`),
      not("secretsmanager:GetSecretValue", arn(place, "secretsmanager", "secret:x-abcdef")),
    ],
  };
}
