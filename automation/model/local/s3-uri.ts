import { ValueError } from "./values.ts";

/** A place in S3. */
export interface S3Place {
  bucket: string;
  /** Empty for the whole bucket. */
  key: string;
}

/** @throws ValueError for a text that names no place in S3. */
export function parseS3Uri(uri: string): S3Place {
  const [, bucket, key = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(uri) ?? [];
  if (bucket === undefined) throw new ValueError(`got ${JSON.stringify(uri)}, expected s3://<bucket>/<key>`);
  if (key.split("/").some((part) => part === "." || part === ".."))
    throw new ValueError(`${JSON.stringify(uri)} has . or .. in its key`);
  return { bucket, key };
}

export const s3Uri = ({ bucket, key }: S3Place): string => `s3://${bucket}/${key}`;

/** A key below a place, whether or not that ends in a slash. */
export const below = (uri: string, path: string): string => `${uri.replace(/\/+$/, "")}/${path}`;
