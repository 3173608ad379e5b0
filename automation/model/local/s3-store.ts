import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type * as Sdk from "@aws-sdk/client-s3";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import type { S3Place } from "./s3-uri.ts";

/** How to reach S3; without an endpoint and keys the SDK finds its own. */
export interface S3Connection {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** Objects of S3 itself. Tags are its ETags. */
export class S3ObjectStore implements ObjectStore {
  readonly location: string;
  readonly #connection: S3Connection;
  #connected: Promise<{ sdk: typeof Sdk; client: Sdk.S3Client }> | undefined;

  constructor(connection: S3Connection) {
    this.#connection = connection;
    this.location = connection.endpoint ?? `S3 in ${connection.region}`;
  }

  async list({ bucket, key: Prefix }: S3Place): Promise<StoredObject[]> {
    const { sdk, client } = await this.#connect();
    const found: StoredObject[] = [];
    for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix }))
      for (const { Key, Size, ETag } of page.Contents ?? [])
        found.push({ key: Key ?? "", size: Size ?? 0, tag: ETag ?? "" });
    // A folder that somebody made by hand is an empty object.
    return found.filter(({ key }) => !key.endsWith("/"));
  }

  async read({ bucket, key }: S3Place): Promise<Uint8Array | undefined> {
    const { sdk, client } = await this.#connect();
    try {
      const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof sdk.NoSuchKey) return undefined;
      throw error;
    }
  }

  async write({ bucket, key }: S3Place, body: Uint8Array | string): Promise<void> {
    const { sdk, client } = await this.#connect();
    await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  }

  async download({ bucket, key }: S3Place, file: string): Promise<void> {
    const { sdk, client } = await this.#connect();
    const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }));
    await pipeline(Body as Readable, createWriteStream(file));
  }

  async upload(file: string, { bucket, key }: S3Place): Promise<void> {
    const { sdk, client } = await this.#connect();
    const { size: ContentLength } = await stat(file);
    const Body = createReadStream(file);
    await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength }));
  }

  show(uri: string): string {
    return uri;
  }

  async close(): Promise<void> {
    (await this.#connected)?.client.destroy();
  }

  #connect() {
    return (this.#connected ??= import("@aws-sdk/client-s3").then((sdk) => {
      const { region, endpoint, credentials } = this.#connection;
      const client = new sdk.S3Client({
        region,
        ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
        ...(credentials === undefined ? {} : { credentials }),
      });
      return { sdk, client };
    }));
  }
}
