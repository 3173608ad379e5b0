import { stateRows } from "./deploy.ts";
import { lookRows } from "./look.ts";
import { type Place, type Row, arn, bounded, bucket, iam, may, not, ownTags } from "./row.ts";

function reads(place: Place): Row[] {
  const { environment, account } = place;
  const own = `slipway-${environment}-`;
  return [
    may("ec2:DescribeSubnets", "*"),
    may("eks:DescribeCluster", arn(place, "eks", `cluster/slipway-${environment}`)),
    may("iam:GetRole", iam(account, `role/${own}data-pipeline-role`)),
    may("iam:GetPolicyVersion", iam(account, "policy/slipway-boundary")),
    may("lambda:GetFunction", arn(place, "lambda", `function:${own}data-validate`)),
    may("states:DescribeStateMachine", arn(place, "states", `stateMachine:${own}data-pipeline`)),
    may("glue:GetTable", arn(place, "glue", `table/slipway_${environment}_lakehouse/orders`)),
    may("s3:GetBucketPolicy", bucket(place, "raw")),
    may("kms:DescribeKey", arn(place, "kms", "key/data-encryption-key")),
    may("secretsmanager:DescribeSecret", arn(place, "secretsmanager", `secret:slipway/${environment}/data/x-abcdef`)),
    may("sqs:GetQueueAttributes", arn(place, "sqs", `${own}data-dead-letters`)),
    may("events:DescribeRule", arn(place, "events", `rule/${own}data-object-created`)),
  ];
}

function dataStaysShut(place: Place): Row[] {
  const { environment } = place;
  const own = `slipway-${environment}-`;
  const throughS3 = { ...ownTags(place, "ResourceTag"), "kms:ViaService": "s3.us-east-1.amazonaws.com" };
  return [
    not("s3:GetObject", bucket(place, "raw", "incoming/orders/a.csv")),
    not("s3:GetObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    not("s3:GetObject", bucket(place, "code", "scripts/quality/1.py")),
    not("secretsmanager:GetSecretValue", arn(place, "secretsmanager", `secret:slipway/${environment}/data/x-abcdef`)),
    not("kms:Decrypt", arn(place, "kms", "key/data-encryption-key"), throughS3),
    not("sqs:ReceiveMessage", arn(place, "sqs", `${own}data-dead-letters`)),
    not("logs:GetLogEvents", arn(place, "logs", `log-group:/aws/lambda/${own}data-validate:log-stream:x`)),
    not("athena:GetQueryResults", arn(place, "athena", `workgroup/${own}data-queries`)),
    not("ssm:GetParameter", arn(place, "ssm", "parameter/x")),
  ];
}

function writes(place: Place): Row[] {
  const { environment, account } = place;
  const own = `slipway-${environment}-`;
  return [
    not("ec2:CreateVpc", arn(place, "ec2", "vpc/vpc-1"), ownTags(place, "RequestTag")),
    not("eks:UpdateClusterConfig", arn(place, "eks", `cluster/slipway-${environment}`)),
    not("eks:CreateAccessEntry", arn(place, "eks", `cluster/slipway-${environment}`)),
    not("iam:CreateRole", iam(account, `role/${own}x`), bounded(account)),
    not("iam:PutRolePolicy", iam(account, `role/${own}x`), bounded(account)),
    not("iam:PassRole", iam(account, `role/${own}x`), { "iam:PassedToService": "lambda.amazonaws.com" }),
    not("iam:UpdateAssumeRolePolicy", iam(account, "role/slipway-preview")),
    not("iam:UpdateAssumeRolePolicy", iam(account, "role/slipway-deploy")),
    not("lambda:UpdateFunctionCode", arn(place, "lambda", `function:${own}data-validate`)),
    not("lambda:InvokeFunction", arn(place, "lambda", `function:${own}data-validate`)),
    not("states:StartExecution", arn(place, "states", `stateMachine:${own}data-pipeline`)),
    not("glue:UpdateTable", arn(place, "glue", `table/slipway_${environment}_lakehouse/orders`)),
    not("s3:PutObject", bucket(place, "raw", "verification/1/a")),
    not("s3:PutBucketPolicy", bucket(place, "raw")),
    not("s3:DeleteBucket", bucket(place, "raw")),
    not("kms:ScheduleKeyDeletion", arn(place, "kms", "key/data-encryption-key"), ownTags(place, "ResourceTag")),
    not("sns:Publish", arn(place, "sns", `${own}data-info`)),
    not("secretsmanager:PutSecretValue", arn(place, "secretsmanager", `secret:slipway/${environment}/data/x-abcdef`)),
    not("logs:DeleteLogGroup", arn(place, "logs", `log-group:/aws/lambda/${own}data-validate`)),
  ];
}

export function previewRows(place: Place): Row[] {
  return [...reads(place), ...dataStaysShut(place), ...writes(place), ...stateRows(place, false), ...lookRows(place)];
}
