import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type * as Sdk from "@aws-sdk/client-s3";
import { checkKey, checkPrefix, isKey } from "./keys.ts";
import { connectS3, defaultLimits, type Environment, type S3Limits } from "./s3-client.ts";
import { failureFrom, s3Busy, s3Error, type S3Failure } from "./s3-failure.ts";
import type { S3Location } from "./s3-location.ts";
import type { PutCondition, PutResult, Store, Stored } from "./store.ts";

/** How often a write is tried anew that met another one in the middle (409). */
const CONFLICT_ATTEMPTS = 20;

/** Written beside every document, so that a write whose answer was lost can be told from somebody else's. */
const WRITE_ID = "slipway-write";

type Send = <T>(call: (sdk: typeof Sdk, client: Sdk.S3Client) => Promise<T>) => Promise<T>;

/**
 * A store in an S3 bucket. Exactly one of several conditional writes wins, by S3's own If-None-Match and If-Match. The SDK is loaded with
 * the first request, so a command that needs no store does not pay for it.
 */
export class S3Store implements Store {
  readonly location: string;
  readonly #at: S3Location;
  readonly #send: Send;

  constructor(at: S3Location, environment: Environment = process.env, limits: S3Limits = defaultLimits) {
    this.#at = at;
    this.location = `s3://${at.bucket}/${at.prefix}`.replace(/\/$/u, "");
    let connected: ReturnType<typeof connectS3> | undefined;
    this.#send = async (call) => {
      const { sdk, client } = await (connected ??= connectS3(at, environment, limits));
      return call(sdk, client);
    };
  }

  async get(key: string): Promise<Stored | undefined> {
    checkKey(this.location, key);
    try {
      const found = await this.#send((sdk, client) => client.send(new sdk.GetObjectCommand(this.#object(key))));
      const body = (await found.Body?.transformToByteArray()) ?? new Uint8Array();
      return { body, etag: found.ETag ?? "" };
    } catch (error) {
      if (isMissing(failureFrom(error))) return undefined;
      throw s3Error("read", `${this.location}/${key}`, this.#at.bucket, error);
    }
  }

  async put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutResult> {
    checkKey(this.location, key);
    const writeId = randomUUID();
    try {
      for (let attempt = 1; attempt <= CONFLICT_ATTEMPTS; attempt += 1) {
        const result = await this.#tryPut(key, body, writeId, condition);
        if (result !== undefined) return result;
        await pause(10 + Math.random() * 20 * attempt);
      }
    } catch (error) {
      throw s3Error("write", `${this.location}/${key}`, this.#at.bucket, error);
    }
    throw s3Busy(`${this.location}/${key}`);
  }

  async list(prefix: string): Promise<string[]> {
    checkPrefix(this.location, prefix);
    const keys: string[] = [];
    try {
      for (let token: string | undefined, more = true; more; more = token !== undefined) {
        const page = await this.#send((sdk, client) =>
          client.send(new sdk.ListObjectsV2Command(this.#page(prefix, token))),
        );
        for (const { Key: name } of page.Contents ?? [])
          if (name !== undefined) keys.push(name.slice(this.#at.prefix.length));
        token = page.NextContinuationToken;
      }
    } catch (error) {
      throw s3Error("read", `${this.location}/${prefix}`, this.#at.bucket, error);
    }
    // Somebody else's objects, such as Pulumi's own state in the same bucket, are none of the store's.
    return keys.filter(isKey).sort();
  }

  #object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#at.bucket, Key: `${this.#at.prefix}${key}` };
  }

  #page(prefix: string, token: string | undefined): Sdk.ListObjectsV2CommandInput {
    const below = { Bucket: this.#at.bucket, Prefix: `${this.#at.prefix}${prefix}` };
    return token === undefined ? below : { ...below, ContinuationToken: token };
  }

  /** Undefined: another write of the same document was in the middle of it, and nothing is decided. */
  async #tryPut(
    key: string,
    body: Uint8Array | string,
    writeId: string,
    condition: PutCondition | undefined,
  ): Promise<PutResult | undefined> {
    const { kmsKey } = this.#at;
    const input: Sdk.PutObjectCommandInput = {
      ...this.#object(key),
      Body: body,
      Metadata: { [WRITE_ID]: writeId },
      ...(kmsKey === undefined ? {} : { ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKey, BucketKeyEnabled: true }),
      ...conditionHeaders(condition),
    };
    try {
      const written = await this.#send((sdk, client) => client.send(new sdk.PutObjectCommand(input)));
      return { ok: true, etag: written.ETag ?? "" };
    } catch (error) {
      const failure = failureFrom(error);
      if (condition === undefined || !isLostRace(failure)) throw error;
      return this.#afterRefusal(key, writeId, condition, failure);
    }
  }

  /** A write that was sent twice may have been refused because of itself; one that met another has to look who was first. */
  async #afterRefusal(
    key: string,
    writeId: string,
    condition: PutCondition,
    failure: S3Failure,
  ): Promise<PutResult | undefined> {
    if (failure.status === 412 && failure.attempts === 1) return lostBy(condition);
    if (failure.status === 404 && failure.attempts === 1) return { ok: false, reason: "missing" };
    const current = await this.#head(key);
    if (current?.writeId === writeId) return { ok: true, etag: current.etag };
    if ("ifAbsent" in condition) return current === undefined ? undefined : { ok: false, reason: "exists" };
    if (current === undefined) return { ok: false, reason: "missing" };
    return current.etag === condition.ifMatch ? undefined : { ok: false, reason: "changed" };
  }

  async #head(key: string): Promise<{ etag: string; writeId: string | undefined } | undefined> {
    try {
      const found = await this.#send((sdk, client) => client.send(new sdk.HeadObjectCommand(this.#object(key))));
      return { etag: found.ETag ?? "", writeId: found.Metadata?.[WRITE_ID] };
    } catch (error) {
      if (failureFrom(error).status === 404) return undefined;
      throw error;
    }
  }
}

function conditionHeaders(condition: PutCondition | undefined): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition === undefined) return {};
  return "ifAbsent" in condition ? { IfNoneMatch: "*" } : { IfMatch: condition.ifMatch };
}

const isMissing = ({ name, status }: S3Failure): boolean => status === 404 && name !== "NoSuchBucket";
const isLostRace = (failure: S3Failure): boolean =>
  failure.status === 412 || failure.status === 409 || isMissing(failure);

const lostBy = (condition: PutCondition): PutResult => ({
  ok: false,
  reason: "ifAbsent" in condition ? "exists" : "changed",
});
