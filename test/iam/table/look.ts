import { region } from "../world.ts";
import { type Place, type Row, may, not, stateBucket, stateKey } from "./row.ts";

const key = (path: string) => `${stateBucket}/slipway/${path}`;
const looksOf = (environment: string) => [`drift/${environment}.json`, `notified/${environment}/drift.json`].map(key);

/** What S3 tells the key of a request, when it seals an object for somebody. */
export const through = (service: string, object?: string) => ({
  "kms:ViaService": `${service}.${region}.amazonaws.com`,
  ...(object !== undefined && { "kms:EncryptionContext:aws:s3:arn": object }),
});

function sealing(environment: string): Row[] {
  const seal = "kms:GenerateDataKey";
  return [
    ...looksOf(environment).flatMap((look) => [
      may(seal, stateKey, through("s3", look)),
      not("kms:Encrypt", stateKey, through("s3", look)),
    ]),
    // A bucket with a key of its own for its objects names itself.
    may(seal, stateKey, through("s3", stateBucket)),
    not(seal, stateKey, through("s3", key(`ledger/${environment}/00000001.json`))),
    not(seal, stateKey, through("s3", "arn:aws:s3:::somebody")),
    not(seal, stateKey, through("s3")),
    not(seal, stateKey, through("ec2", stateBucket)),
    not(seal, stateKey),
    not("kms:Encrypt", stateKey),
  ];
}

/** The two documents that a look leaves behind, and everything beside them, which is not for the role that looks to write. */
export function lookRows({ environment }: Pick<Place, "environment">): Row[] {
  const shut = [
    `drift/${environment}.json.old`,
    `drift/${environment}/x.json`,
    "drift/pr-7.json",
    `notified/${environment}/${"a".repeat(64)}.json`,
    `ledger/${environment}/00000001.json`,
    `leases/${environment}.json`,
    `streams/${environment}/backups/x.json`,
    "releases/1.json",
    "artifacts/1",
    "images/api/sha256/0.json",
    "ephemeral/stacks.json",
  ];
  const others = ["operations", "dev", "staging", "prod"].filter((other) => other !== environment);
  const state = `${stateBucket}/.pulumi`;
  return [
    ...looksOf(environment).flatMap((look) => [
      may("s3:PutObject", look),
      may("s3:GetObject", look),
      not("s3:DeleteObject", look),
      not("s3:PutObjectAcl", look),
      not("s3:PutObjectTagging", look),
    ]),
    ...sealing(environment),
    ...[...shut.map(key), ...others.flatMap(looksOf)].map((object) => not("s3:PutObject", object)),
    not("s3:PutObject", `${state}/stacks/slipway/${environment}.json`),
    not("s3:PutObject", `${state}/locks/organization/slipway/${environment}/1.json`),
    not("s3:PutObject", `${stateBucket}/drift/${environment}.json`),
  ];
}
