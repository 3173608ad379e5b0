import type { AwsClientConfig } from "../check-kind.ts";

/** The objects of a region, as far as verification needs them. */
export interface Objects {
  put(bucket: string, key: string, body: Uint8Array): Promise<void>;
  get(bucket: string, key: string): Promise<Uint8Array | undefined>;
  /** Keys below a prefix, all or at most so many. */
  list(bucket: string, prefix: string, atMost?: number): Promise<string[]>;
  /** Removes everything below a prefix; in a versioned bucket older versions stay. */
  clear(bucket: string, prefix: string): Promise<void>;
  close(): void;
}

/** S3 takes at most this many keys in one deletion. */
const deletionSize = 1000;

export async function openObjects(config: AwsClientConfig, signal: AbortSignal): Promise<Objects> {
  const { S3Client, PutObjectCommand, GetObjectCommand, ListObjectsV2Command, DeleteObjectsCommand } =
    await import("@aws-sdk/client-s3");
  // Host names made of buckets lead nowhere on a local endpoint.
  const client = new S3Client({ ...config, forcePathStyle: config.endpoint !== undefined });
  const options = { abortSignal: signal };
  const list = async (Bucket: string, Prefix: string, atMost = Number.POSITIVE_INFINITY): Promise<string[]> => {
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const MaxKeys = Math.min(atMost, 1000);
      const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken, MaxKeys }), options);
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined && keys.length < atMost);
    return keys;
  };
  return {
    list,
    put: async (Bucket, Key, Body) => void (await client.send(new PutObjectCommand({ Bucket, Key, Body }), options)),
    get: async (Bucket, Key) => {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), options);
        return await Body?.transformToByteArray();
      } catch (error) {
        if ((error as Error).name === "NoSuchKey") return undefined;
        throw error;
      }
    },
    clear: async (Bucket, prefix) => {
      const keys = await list(Bucket, prefix);
      for (let start = 0; start < keys.length; start += deletionSize) {
        const batch = keys.slice(start, start + deletionSize).map((Key) => ({ Key }));
        await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: batch, Quiet: true } }), options);
      }
    },
    close: () => client.destroy(),
  };
}

/** Bucket and key (or prefix) of `s3://bucket/key`. @throws Error for anything else. */
export function splitLocation(location: string): { bucket: string; key: string } {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/su.exec(location) ?? [];
  if (bucket === undefined || key === undefined) throw new Error(`${location} is not s3://bucket/key`);
  return { bucket, key };
}

/** Runs over the items, so many at a time; the first error ends it. */
export async function forEachOf<T>(
  items: readonly T[],
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
}
