import { type Place, type Row, arn, bucket, iam, not } from "./row.ts";

export const throughS3 = { "kms:ViaService": "s3.us-east-1.amazonaws.com" };
export const toSageMaker = { "iam:PassedToService": "sagemaker.amazonaws.com" };
export const grant = { "kms:GrantIsForAWSResource": "true" };

export const modelKey = (place: Place) => arn(place, "kms", "key/model-encryption-key");
export const dataKey = (place: Place) => arn(place, "kms", "key/data-encryption-key");
export const sagemaker = (place: Place, what: string) => arn(place, "sagemaker", what);
export const housing = ({ environment }: Place) => `slipway-${environment}-housing`;
export const role = ({ environment, account }: Place, name: string) =>
  iam(account, `role/slipway-${environment}-${name}`);
export const fn = (place: Place, name: string) => arn(place, "lambda", `function:slipway-${place.environment}-${name}`);
export const image = (name: string) => `arn:aws:ecr:us-east-1:111111111111:repository/slipway/${name}`;
export const logs = (place: Place, group: string) => arn(place, "logs", `log-group:${group}:log-stream:x`);
export const onInstances = ({ environment }: Place) => environment !== "dev";

/** What no role of the model pipeline comes to. */
export function never(place: Place): Row[] {
  return [
    not("kms:Decrypt", modelKey(place)),
    not("kms:Decrypt", arn(place, "kms", "key/foundation-platform-key"), throughS3),
    not("s3:DeleteBucket", bucket(place, "model")),
    not("s3:PutObject", bucket(place, "model", "code/model/1.zip")),
    not("s3:PutObject", bucket(place, "processed", "houses/run=1/a.parquet")),
    not("s3:GetObject", bucket({ ...place, environment: "other" }, "model", "runs/1/train-model/x/model.tar.gz")),
    not("iam:PassRole", role(place, "data-pipeline-role"), toSageMaker),
    not(
      "secretsmanager:GetSecretValue",
      arn(place, "secretsmanager", "secret:slipway/x/data/source-credentials-abcdef"),
    ),
  ];
}
