import { type Statement, accountPrincipal } from "../shared/iam.ts";
import { type BoundaryScope, stateOf } from "./boundary.ts";
import { type Place, deliveryRole, ephemeralStacks, iamArn, regionalArn, stateBucketArn } from "./names.ts";

/** Actions on a key by those who only read what it protects, and by those who also write. */
const keyReading = ["kms:Decrypt", "kms:DescribeKey"];
const keyWriting = ["kms:Encrypt", "kms:GenerateDataKey"];

/** Objects of the driver's store: releases and artifacts are common, records belong to one environment. */
const recordsOf = (bucket: string, environment: string) => [
  `${bucket}/slipway/ledger/${environment}/*`,
  `${bucket}/slipway/leases/${environment}.json`,
  `${bucket}/slipway/notified/${environment}/*`,
  `${bucket}/slipway/drift/${environment}.json`,
  `${bucket}/slipway/streams/${environment}/*`,
];
const releasesIn = (bucket: string) => [`${bucket}/slipway/releases/*`, `${bucket}/slipway/artifacts/*`];

/** State that an environment changes: its own. Deployments of dev also bring up the stacks of pull requests. */
const statesOf = (bucket: string, environment: string): string[] => [
  ...stateOf(bucket, environment),
  ...(environment === "dev" ? stateOf(bucket, ephemeralStacks) : []),
];

/** What an environment reads: its own state and that of operations, and the records of all, which the gates decide by. */
function readable(bucket: string, environment: string): string[] {
  return [
    `${bucket}/.pulumi/meta.yaml`,
    ...new Set([...statesOf(bucket, environment), ...stateOf(bucket, "operations")]),
    `${bucket}/slipway/*`,
  ];
}

/** What an environment writes. Releases are built once, in dev, and only read everywhere else. */
function writable(bucket: string, environment: string): string[] {
  const ofDev = [...releasesIn(bucket), ...recordsOf(bucket, ephemeralStacks), `${bucket}/slipway/ephemeral/*`];
  const others = environment === "dev" ? ofDev : [];
  return [...statesOf(bucket, environment), ...recordsOf(bucket, environment), ...others];
}

/** What the role that looks may leave behind: what it found, and whether people were told of it. Nothing is decided by either. */
const looksOf = (bucket: string, environment: string) => [
  `${bucket}/slipway/drift/${environment}.json`,
  `${bucket}/slipway/notified/${environment}/drift.json`,
];

const listed = { StringLike: { "s3:prefix": [".pulumi/*", "slipway/*"] } };

/** The state of one environment for the role that reads it. */
export function readState({ environment, operations }: BoundaryScope): Statement[] {
  const bucket = stateBucketArn(operations);
  return [
    { sid: "ReadState", actions: ["s3:GetObject"], resources: readable(bucket, environment) },
    { sid: "ListState", actions: ["s3:ListBucket"], resources: [bucket], conditions: listed },
    { sid: "LocateState", actions: ["s3:GetBucketLocation"], resources: [bucket] },
    {
      sid: "OpenState",
      actions: keyReading,
      // Which key it is, is not known here; the policy of the state's key names who may use it.
      resources: [regionalArn(operations, "kms", "key/*")],
    },
  ];
}

/**
 * What a look leaves behind for the board. The state's key seals nothing else for this role: not through S3 other than in that bucket,
 * and no secret of a stack. A bucket that has a key of its own for its objects names itself there, and any other the object.
 */
export function keepLooks({ environment, operations }: BoundaryScope): Statement[] {
  return keep("Looks", operations, looksOf(stateBucketArn(operations), environment));
}

/** What became of which files: the one kind of record that the role writes which pushes images. It is read like all others. */
export function keepImages(scope: BoundaryScope): Statement[] {
  const { operations } = scope;
  return [...readState(scope), ...keep("Images", operations, [`${stateBucketArn(operations)}/slipway/images/*`])];
}

function keep(what: string, operations: BoundaryScope["operations"], objects: readonly string[]): Statement[] {
  return [
    { sid: `Keep${what}`, actions: ["s3:PutObject"], resources: objects },
    {
      sid: `Seal${what}`,
      actions: ["kms:GenerateDataKey"],
      resources: [regionalArn(operations, "kms", "key/*")],
      conditions: sealed(operations, objects),
    },
  ];
}

function sealed(operations: BoundaryScope["operations"], objects: readonly string[]) {
  return {
    StringEquals: { "kms:ViaService": `s3.${operations.region}.amazonaws.com` },
    StringLike: { "kms:EncryptionContext:aws:s3:arn": [stateBucketArn(operations), ...objects] },
  };
}

/** The state and the records of one environment for the role that changes it. Records are never deleted. */
export function writeState(scope: BoundaryScope): Statement[] {
  const { environment, operations } = scope;
  const bucket = stateBucketArn(operations);
  return [
    ...readState(scope),
    { sid: "WriteState", actions: ["s3:PutObject"], resources: writable(bucket, environment) },
    { sid: "ClearState", actions: ["s3:DeleteObject"], resources: statesOf(bucket, environment) },
    { sid: "SealState", actions: keyWriting, resources: [regionalArn(operations, "kms", "key/*")] },
  ];
}

/**
 * Who is meant: the account, and inside it exactly these roles. A policy that named a role itself would be refused while the role
 * is not there yet, and would silently stop to work once it is made anew.
 */
function roles(place: Place, purposes: readonly ("deploy" | "preview")[]) {
  return {
    principals: { AWS: accountPrincipal(place.account, place.region) },
    conditions: {
      StringEquals: { "aws:PrincipalArn": purposes.map((purpose) => iamArn(place, `role/${deliveryRole(purpose)}`)) },
    },
  };
}

const titled = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** Statements of the state bucket's policy: each environment's roles reach their own objects. */
export function stateBucketStatements(
  operations: BoundaryScope["operations"],
  environments: readonly Place[],
): Statement[] {
  const bucket = stateBucketArn(operations);
  return environments.flatMap((place): Statement[] => {
    const { environment } = place;
    const both = roles(place, ["deploy", "preview"]);
    const deploy = roles(place, ["deploy"]);
    const preview = roles(place, ["preview"]);
    const named = titled(environment);
    return [
      { sid: `Read${named}`, ...both, actions: ["s3:GetObject"], resources: readable(bucket, environment) },
      { sid: `List${named}`, ...both, actions: ["s3:ListBucket", "s3:GetBucketLocation"], resources: [bucket] },
      { sid: `Write${named}`, ...deploy, actions: ["s3:PutObject"], resources: writable(bucket, environment) },
      { sid: `Clear${named}`, ...deploy, actions: ["s3:DeleteObject"], resources: statesOf(bucket, environment) },
      { sid: `Look${named}`, ...preview, actions: ["s3:PutObject"], resources: looksOf(bucket, environment) },
    ];
  });
}

/** Statements of the policy of the state's key. */
export function stateKeyStatements(
  operations: BoundaryScope["operations"],
  environments: readonly Place[],
): Statement[] {
  const bucket = stateBucketArn(operations);
  const here = { resources: ["*"], wildcardReason: "in a key policy * is this key" };
  return environments.flatMap((place): Statement[] => {
    const named = titled(place.environment);
    const preview = roles(place, ["preview"]);
    const looks = sealed(operations, looksOf(bucket, place.environment));
    return [
      { sid: `Open${named}`, ...roles(place, ["deploy", "preview"]), actions: keyReading, ...here },
      { sid: `Seal${named}`, ...roles(place, ["deploy"]), actions: keyWriting, ...here },
      {
        ...{ sid: `Look${named}`, principals: preview.principals, actions: ["kms:GenerateDataKey"], ...here },
        conditions: { ...looks, StringEquals: { ...preview.conditions.StringEquals, ...looks.StringEquals } },
      },
    ];
  });
}
