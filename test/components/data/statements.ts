/** Statements as policies have them, written out for comparison and made by nothing of the product. */

const account = "222222222222";

export const bucketArn = (role: string) => `arn:aws:s3:::slipway-dev-${role}-bucket-${account}-us-east-1`;

export function allow(
  sid: string,
  actions: string[],
  resources: string[],
  condition?: Record<string, unknown>,
): Record<string, unknown> {
  const statement = { Sid: sid, Effect: "Allow", Action: actions, Resource: resources };
  return condition === undefined ? statement : { ...statement, Condition: condition };
}

/** Objects below prefixes, of live and of verification runs. */
export function under(bucket: string, ...prefixes: string[]): string[] {
  return [
    ...prefixes.map((prefix) => `${bucket}/${prefix}*`),
    ...prefixes.map((prefix) => `${bucket}/verification/*/${prefix}*`),
  ];
}

/** Catalog, databases and their tables; a database is named by what follows `slipway_dev_lakehouse`. */
export function glueArns(...databases: string[]): string[] {
  const glue = `arn:aws:glue:us-east-1:${account}`;
  const names = databases.map((database) => `slipway_dev_lakehouse${database}`);
  return [
    `${glue}:catalog`,
    ...names.map((name) => `${glue}:database/${name}`),
    ...names.flatMap((name) => ["orders", "daily_features"].map((table) => `${glue}:table/${name}/${table}`)),
  ];
}

export function keyThrough(...services: string[]): Record<string, unknown> {
  const via = services.map((service) => `${service}.us-east-1.amazonaws.com`);
  return allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], ["arn:key"], {
    StringEquals: { "kms:ViaService": via },
  });
}

export const traces = allow("WriteTraces", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]);
