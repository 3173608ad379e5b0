import { region } from "../world.ts";
import { modelRows } from "./deploy-model.ts";
import { observabilityRows } from "./deploy-observability.ts";
import {
  type Place,
  type Row,
  arn,
  boundary,
  bounded,
  bucket,
  iam,
  may,
  not,
  ownTags,
  stateBucket,
  stateKey,
} from "./row.ts";

const foreign = "999999999999";

const targets = ({ account, environment }: Place) => ({
  role: iam(account, `role/slipway-${environment}-new-role`),
  elsewhere: iam(account, "role/somebody"),
  deploy: iam(account, "role/slipway-deploy"),
});
const named = (policy: string) => ({ "iam:PolicyARN": `arn:aws:iam::aws:policy/${policy}` });
const someBoundary = (arn: string) => ({ "iam:PermissionsBoundary": arn });
const adminBoundary = someBoundary("arn:aws:iam::aws:policy/AdministratorAccess");

/** Roles under the boundary, and every way around it. */
function roleRows(place: Place): Row[] {
  const { account } = place;
  const { role, elsewhere } = targets(place);
  return [
    may("iam:CreateRole", role, bounded(account)),
    not("iam:CreateRole", role),
    not("iam:CreateRole", role, adminBoundary),
    not("iam:CreateRole", role, someBoundary(boundary(foreign))),
    not("iam:CreateRole", elsewhere, bounded(account)),
    may("iam:PutRolePolicy", role, bounded(account)),
    not("iam:PutRolePolicy", role),
    may("iam:AttachRolePolicy", role, { ...bounded(account), ...named("AmazonEKS_CNI_Policy") }),
    not("iam:AttachRolePolicy", role, named("AmazonEKS_CNI_Policy")),
    not("iam:AttachRolePolicy", role, { ...bounded(account), ...named("AdministratorAccess") }),
    may("iam:UpdateAssumeRolePolicy", role),
    not("iam:UpdateAssumeRolePolicy", elsewhere),
    may("iam:DeleteRole", role),
    may("iam:PutRolePermissionsBoundary", role, bounded(account)),
    not("iam:PutRolePermissionsBoundary", role, adminBoundary),
    not("iam:DeleteRolePermissionsBoundary", role),
  ];
}

/** The delivery's own roles, policies and provider, which only administrators change. */
function ownIdentityRows(place: Place): Row[] {
  const { account } = place;
  const { deploy } = targets(place);
  const provider = iam(account, "oidc-provider/token.actions.githubusercontent.com");
  const onBoundary = ["CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"];
  return [
    not("iam:PutRolePolicy", deploy, bounded(account)),
    not("iam:AttachRolePolicy", deploy, { ...bounded(account), ...named("AdministratorAccess") }),
    not("iam:UpdateAssumeRolePolicy", deploy),
    not("iam:UpdateAssumeRolePolicy", iam(account, "role/slipway-preview")),
    not("iam:UpdateRole", deploy),
    not("iam:DeleteRole", deploy),
    not("iam:DeleteRolePermissionsBoundary", deploy),
    not("iam:PutRolePermissionsBoundary", deploy, adminBoundary),
    ...onBoundary.map((action) => not(`iam:${action}`, boundary(account))),
    not("iam:CreatePolicyVersion", iam(account, "policy/slipway-deploy-network")),
    not("iam:UpdateOpenIDConnectProviderThumbprint", provider),
    not("iam:AddClientIDToOpenIDConnectProvider", provider),
    not("iam:DeleteOpenIDConnectProvider", provider),
    not("iam:CreateOpenIDConnectProvider", iam(account, "oidc-provider/evil.example.com")),
    may("iam:GetOpenIDConnectProvider", provider),
  ];
}

function passingRows(place: Place): Row[] {
  const { account } = place;
  const { role, elsewhere, deploy } = targets(place);
  const to = (service: string) => ({ "iam:PassedToService": `${service}.amazonaws.com` });
  const linked = (service: string) => iam(account, `role/aws-service-role/${service}.amazonaws.com/AWSServiceRole`);
  return [
    may("iam:PassRole", role, to("lambda")),
    not("iam:PassRole", role, to("cloudformation")),
    not("iam:PassRole", role, to("codebuild")),
    not("iam:PassRole", role),
    not("iam:PassRole", elsewhere, to("lambda")),
    not("iam:PassRole", deploy, to("lambda")),
    not("iam:PassRole", iam(account, "role/aws-reserved/sso.amazonaws.com/AdministratorAccess"), to("lambda")),
    may("iam:CreateServiceLinkedRole", linked("eks"), { "iam:AWSServiceName": "eks.amazonaws.com" }),
    not("iam:CreateServiceLinkedRole", linked("x"), { "iam:AWSServiceName": "organizations.amazonaws.com" }),
  ];
}

function networkRows(place: Place): Row[] {
  const vpc = arn(place, "ec2", "vpc/vpc-1");
  const strange = { "aws:ResourceTag/project": "other", "aws:ResourceTag/environment": place.environment };
  return [
    may("ec2:CreateVpc", vpc, ownTags(place, "RequestTag")),
    not("ec2:CreateVpc", vpc),
    may("ec2:CreateSubnet", arn(place, "ec2", "subnet/subnet-1"), ownTags(place, "RequestTag")),
    may("ec2:CreateSubnet", vpc, ownTags(place, "ResourceTag")),
    not("ec2:CreateSubnet", vpc, strange),
    may("ec2:DeleteVpc", vpc, ownTags(place, "ResourceTag")),
    not("ec2:DeleteVpc", vpc, strange),
    not("ec2:DeleteVpc", vpc),
    not("ec2:CreateVpc", `arn:aws:ec2:eu-west-1:${place.account}:vpc/vpc-1`, {
      ...ownTags(place, "RequestTag"),
      "aws:RequestedRegion": "eu-west-1",
    }),
    may("ec2:DescribeVpcs", "*"),
    not("ec2:DescribeVpcs", "*", { "aws:RequestedRegion": "eu-west-1" }),
    not("ec2:RunInstances", arn(place, "ec2", "instance/i-1")),
  ];
}

function clusterRows(place: Place): Row[] {
  const { environment } = place;
  return [
    may("eks:CreateCluster", "*", ownTags(place, "RequestTag")),
    not("eks:CreateCluster", "*"),
    may("glue:CreateCrawler", "*", ownTags(place, "RequestTag")),
    not("glue:CreateCrawler", "*"),
    may("eks:UpdateNodegroupConfig", arn(place, "eks", `nodegroup/slipway-${environment}/nodes/1`)),
    not("eks:DeleteCluster", arn(place, "eks", "cluster/somebody")),
    not("eks:CreateAccessEntry", arn(place, "eks", "cluster/somebody")),
  ];
}

function pipelineRows(place: Place): Row[] {
  const { environment, account } = place;
  const own = `slipway-${environment}-`;
  return [
    may("lambda:UpdateFunctionCode", arn(place, "lambda", `function:${own}data-validate`)),
    not("lambda:UpdateFunctionCode", arn(place, "lambda", "function:somebody")),
    not("lambda:InvokeFunction", arn(place, "lambda", `function:${own}data-validate`)),
    may("states:StartExecution", arn(place, "states", `stateMachine:${own}data-pipeline`)),
    may("glue:UpdateTable", arn(place, "glue", `table/slipway_${environment}_lakehouse/orders`)),
    not("glue:UpdateTable", arn(place, "glue", "table/other/orders")),
    may("sns:SetTopicAttributes", arn(place, "sns", `${own}data-info`)),
    may("sqs:SetQueueAttributes", arn(place, "sqs", `${own}data-dead-letters`)),
    not("sqs:ReceiveMessage", arn(place, "sqs", `${own}data-dead-letters`)),
    may("events:PutRule", arn(place, "events", `rule/${own}data-object-created`)),
    may("logs:PutRetentionPolicy", arn(place, "logs", `log-group:/aws/lambda/${own}data-validate`)),
    may(
      "secretsmanager:CreateSecret",
      arn(place, "secretsmanager", `secret:slipway/${environment}/data/source-credentials-abcdef`),
    ),
    not(
      "secretsmanager:GetSecretValue",
      arn(place, "secretsmanager", `secret:slipway/${environment}/data/source-credentials-abcdef`),
    ),
    may("s3:PutBucketPolicy", bucket(place, "raw")),
    may("s3:PutObject", bucket(place, "code", "scripts/quality/1.py")),
    may("s3:PutObject", bucket(place, "raw", "verification/1/incoming/orders/a.csv")),
    not("s3:GetObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    not("s3:PutObject", bucket(place, "processed", "_state/current.json")),
    not("s3:PutBucketPolicy", bucket({ environment, account: foreign }, "raw")),
    not("s3:CreateBucket", bucket({ environment, account: foreign }, "raw")),
    not("organizations:LeaveOrganization", "*"),
    not("iam:CreateSAMLProvider", iam(account, "saml-provider/x")),
  ];
}

function keyRows(place: Place): Row[] {
  const key = arn(place, "kms", "key/data-encryption-key");
  const strange = { "aws:ResourceTag/project": "other", "aws:ResourceTag/environment": place.environment };
  return [
    may("kms:CreateKey", "*", ownTags(place, "RequestTag")),
    not("kms:CreateKey", "*"),
    may("kms:TagResource", key, ownTags(place, "RequestTag")),
    may("kms:PutKeyPolicy", key, ownTags(place, "ResourceTag")),
    not("kms:PutKeyPolicy", key, strange),
    not("kms:Decrypt", key, ownTags(place, "ResourceTag")),
    may("kms:Decrypt", key, { ...ownTags(place, "ResourceTag"), "kms:ViaService": `s3.${region}.amazonaws.com` }),
  ];
}

/** Stacks of pull requests, which deployments of dev alone bring up and delete. */
function ephemeralRows({ environment, account }: Place, writes: boolean): Row[] {
  const ofDev = environment === "dev" && writes ? may : not;
  return [
    ofDev("s3:PutObject", `${stateBucket}/.pulumi/stacks/slipway/pr-7.json`),
    ofDev("s3:DeleteObject", `${stateBucket}/.pulumi/locks/organization/slipway/pr-7/1.json`),
    ofDev("s3:PutObject", `${stateBucket}/slipway/ledger/pr-7/00000001.json`),
    ofDev("s3:PutObject", `${stateBucket}/slipway/leases/pr-7.json`),
    ofDev("s3:PutObject", `${stateBucket}/slipway/ephemeral/stacks.json`),
    // In another account that role's own trust has a say, which is not a part of any stack here.
    ofDev("sts:AssumeRole", iam(account, "role/slipway-ephemeral")),
    not("sts:AssumeRole", iam(foreign, "role/slipway-deploy")),
  ];
}

/** Rows on Pulumi's state and on the driver's records, which are in the operations account. */
export function stateRows(place: Place, writes: boolean): Row[] {
  const { environment } = place;
  const own = `${stateBucket}/.pulumi/stacks/slipway/${environment}.json`;
  const written = writes ? may : not;
  const others = ["dev", "staging", "prod"].filter((other) => other !== environment);
  return [
    may("s3:GetObject", own),
    may("s3:GetObject", `${stateBucket}/.pulumi/stacks/slipway/operations.json`),
    may("s3:GetObject", `${stateBucket}/.pulumi/meta.yaml`),
    may("s3:ListBucket", stateBucket, { "s3:prefix": ".pulumi/stacks/slipway/" }),
    not("s3:ListBucket", stateBucket, { "s3:prefix": "elsewhere/" }),
    may("s3:GetObject", `${stateBucket}/slipway/releases/by-commit/abc.json`),
    may("s3:GetObject", `${stateBucket}/slipway/ledger/staging/00000001.json`),
    may("kms:Decrypt", stateKey),
    written("s3:PutObject", own),
    written("s3:DeleteObject", `${stateBucket}/.pulumi/locks/organization/slipway/${environment}/1.json`),
    written("s3:PutObject", `${stateBucket}/.pulumi/history/slipway/${environment}/1.checkpoint.json`),
    written("s3:PutObject", `${stateBucket}/slipway/ledger/${environment}/00000001.json`),
    written("s3:PutObject", `${stateBucket}/slipway/leases/${environment}.json`),
    written("s3:PutObject", `${stateBucket}/slipway/streams/${environment}/backups/x.json`),
    written("kms:GenerateDataKey", stateKey),
    ...ephemeralRows(place, writes),
    not("s3:DeleteObject", `${stateBucket}/slipway/ledger/${environment}/00000001.json`),
    not("s3:PutObject", `${stateBucket}/.pulumi/stacks/slipway/operations.json`),
    not("s3:PutBucketPolicy", stateBucket),
    not("kms:PutKeyPolicy", stateKey),
    ...others.flatMap((other) => [
      not("s3:GetObject", `${stateBucket}/.pulumi/stacks/slipway/${other}.json`),
      not("s3:GetObject", `${stateBucket}/.pulumi/history/slipway/${other}/1.checkpoint.json`),
      not("s3:PutObject", `${stateBucket}/.pulumi/stacks/slipway/${other}.json`),
      not("s3:PutObject", `${stateBucket}/slipway/ledger/${other}/00000001.json`),
    ]),
    (writes && environment === "dev" ? may : not)("s3:PutObject", `${stateBucket}/slipway/releases/1.json`),
  ];
}

export function deployRows(place: Place): Row[] {
  return [
    ...roleRows(place),
    ...ownIdentityRows(place),
    ...passingRows(place),
    ...networkRows(place),
    ...clusterRows(place),
    ...pipelineRows(place),
    ...modelRows(place),
    ...observabilityRows(place),
    ...keyRows(place),
    ...stateRows(place, true),
  ];
}
