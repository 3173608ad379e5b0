import type { Environment } from "../store/s3-client.ts";

/** What the operations stack made for state: everything else follows from these. */
export interface Foundation {
  bucket: string;
  keyArn: string;
  region: string;
}

/** What has to be set wherever Pulumi or Slipway runs from now on. */
export interface Addresses {
  /** `PULUMI_BACKEND_URL`. */
  backend: string;
  /** `SLIPWAY_STORE`. */
  store: string;
  /** `SLIPWAY_SECRETS_PROVIDER`: what a new stack's secrets are encrypted with. */
  secretsProvider: string;
}

/** The addresses of state, records and key. A server that stands in for the cloud (`AWS_ENDPOINT_URL`) becomes part of them. */
export function addressesOf({ bucket, keyArn, region }: Foundation, environment: Environment): Addresses {
  const endpoint = environment["AWS_ENDPOINT_URL_S3"] || environment["AWS_ENDPOINT_URL"] || undefined;
  return {
    backend: `s3://${bucket}?region=${region}${endpoint === undefined ? "" : standIn(endpoint)}`,
    store: `s3://${bucket}/slipway?region=${region}${endpoint === undefined ? "" : `&endpoint=${endpoint}`}&kmsKey=${keyArn}`,
    secretsProvider: `awskms:///${keyArn}?region=${region}`,
  };
}

/** Pulumi's S3 backend takes host and protocol apart. */
function standIn(endpoint: string): string {
  const { host, protocol } = new URL(endpoint);
  return `&endpoint=${host}${protocol === "http:" ? "&disableSSL=true" : ""}&s3ForcePathStyle=true`;
}
