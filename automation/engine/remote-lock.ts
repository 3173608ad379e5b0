import { connectS3 } from "../store/s3-client.ts";
import { s3Error } from "../store/s3-failure.ts";
import { locateStack } from "./backend.ts";
import type { Environment } from "./environment.ts";
import { factsOf, isStale, lockedError, parseLock, staleLockMessage, type StateLock } from "./lock.ts";

/** The parts of an `s3://` backend's URL that reach its objects. */
export interface S3Backend {
  bucket: string;
  /** Empty, or a folder path that ends in `/`. */
  prefix: string;
  region: string | undefined;
  endpoint: string | undefined;
}

/** Takes `s3://bucket/prefix?region=…&endpoint=host:port&disableSSL=true` apart; undefined for any other backend. */
export function s3Backend(environment: Environment): S3Backend | undefined {
  const url = environment["PULUMI_BACKEND_URL"];
  if (url?.startsWith("s3://") !== true || !URL.canParse(url)) return undefined;
  const { host: bucket, pathname, searchParams } = new URL(url);
  const path = pathname.replace(/^\/+|\/+$/gu, "");
  const host = searchParams.get("endpoint");
  const insecure = searchParams.get("disableSSL") === "true" || searchParams.get("disable_https") === "true";
  return {
    bucket,
    prefix: path === "" ? "" : `${path}/`,
    region: searchParams.get("region") ?? undefined,
    endpoint: host === null ? undefined : /^https?:/u.test(host) ? host : `${insecure ? "http" : "https"}://${host}`,
  };
}

/**
 * Removes the locks that killed engines left in an `s3://` backend, saying so; false when there was none. Refuses (lease held) when one is
 * there whose holder may live: that is any holder on another machine, of which nothing can be known from here.
 */
export async function clearStaleRemoteLocks(
  stack: string,
  workDir: string,
  environment: Environment,
  report: (message: string) => void,
): Promise<boolean> {
  const backend = s3Backend(environment);
  const location = locateStack(stack, workDir);
  if (backend === undefined || location === undefined) return false;
  const { organization, project, stack: name } = location;
  const folder = `${backend.prefix}.pulumi/locks/${organization}/${project}/${name}/`;
  try {
    const locks = await readRemoteLocks(backend, folder, environment);
    const live = locks.find(({ lock }) => !isStale(lock, factsOf(lock)));
    if (live !== undefined) throw lockedError(stack, live.lock);
    for (const { lock, remove } of locks) {
      await remove();
      report(staleLockMessage(stack, lock));
    }
    return locks.length > 0;
  } catch (error) {
    throw s3Error("read", `s3://${backend.bucket}/${folder}`, backend.bucket, error);
  }
}

async function readRemoteLocks(
  backend: S3Backend,
  folder: string,
  environment: Environment,
): Promise<{ lock: StateLock; remove: () => Promise<unknown> }[]> {
  const { sdk, client } = await connectS3(backend, environment);
  const Bucket = backend.bucket;
  const listed = await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix: folder }));
  const keys = (listed.Contents ?? []).flatMap(({ Key }) => (Key?.endsWith(".json") === true ? [Key] : []));
  const found = await Promise.all(
    keys.map(async (Key) => {
      const object = await client.send(new sdk.GetObjectCommand({ Bucket, Key }));
      const lock = parseLock((await object.Body?.transformToString()) ?? "", `s3://${Bucket}/${Key}`);
      return lock && { lock, remove: () => client.send(new sdk.DeleteObjectCommand({ Bucket, Key })) };
    }),
  );
  return found.filter((each) => each !== undefined);
}
