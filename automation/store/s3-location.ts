import { ExitCode, SlipwayError } from "../errors.ts";

/** Where an S3 store is, taken apart from its URL. */
export interface S3Location {
  bucket: string;
  /** Empty, or a folder path that ends in `/`. */
  prefix: string;
  region: string | undefined;
  /** A server that speaks S3 in place of the cloud's own: `http://127.0.0.1:9000`. */
  endpoint: string | undefined;
  /** Key that every document is encrypted with; without it the bucket's own default applies. */
  kmsKey: string | undefined;
}

const form = "s3://bucket/prefix?region=eu-west-1 (further options: kmsKey, endpoint)";
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u;
const PREFIX = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*$/u;
const OPTIONS = ["region", "endpoint", "kmsKey"];

/** Takes `s3://bucket/prefix?region=…&endpoint=…&kmsKey=…` apart. Throws a SlipwayError (usage) that names the wrong part. */
export function parseS3Location(url: string): S3Location {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "s3:") throw badLocation(url, "it is no s3:// URL");
  const bucket = parsed.host;
  if (!BUCKET.test(bucket)) throw badLocation(url, `"${bucket}" is no bucket name`);
  const path = parsed.pathname.replace(/^\//u, "");
  const prefix = path === "" || path.endsWith("/") ? path : `${path}/`;
  if (!PREFIX.test(prefix)) throw badLocation(url, `"${path}" is no prefix of letters, digits, ., _, - and /`);
  const unknown = [...parsed.searchParams.keys()].find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw badLocation(url, `there is no option "${unknown}"`);
  const option = (name: string) => parsed.searchParams.get(name) || undefined;
  const endpoint = option("endpoint");
  if (endpoint !== undefined && !/^https?:\/\/[^/?#]+\/?$/u.test(endpoint))
    throw badLocation(url, `the endpoint "${endpoint}" is no http:// or https:// address`);
  return { bucket, prefix, region: option("region"), endpoint, kmsKey: option("kmsKey") };
}

function badLocation(url: string, why: string): SlipwayError {
  return new SlipwayError(ExitCode.usage, `The store "${url}" cannot be used: ${why}.`, {
    where: "SLIPWAY_STORE",
    next: `write it as ${form}`,
  });
}
