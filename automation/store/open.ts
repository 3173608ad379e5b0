import { readFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { ExitCode, SlipwayError } from "../errors.ts";
import { DirectoryStore } from "./directory.ts";
import { parseS3Location } from "./s3-location.ts";
import { S3Store } from "./s3.ts";
import type { Store } from "./store.ts";

/** Names a checkout's store for everybody who works in it: `store: s3://bucket/slipway?region=…`. */
export const storeFile = "config/store.yaml";

export interface StoreChoice {
  /** The checkout, which a relative directory is taken from. */
  root: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Where the store is when nobody says. */
  directory: string;
}

/**
 * The store of a checkout: `SLIPWAY_STORE`, else `config/store.yaml`, else the given directory. `s3://…` is a bucket, anything else a directory.
 * No request is made and no SDK is loaded here.
 */
export async function openStore({ root, environment, directory }: StoreChoice): Promise<Store> {
  const chosen = environment["SLIPWAY_STORE"] || (await storeFromFile(root));
  if (chosen === undefined) return new DirectoryStore(directory);
  if (chosen.startsWith("s3:")) return new S3Store(parseS3Location(chosen), environment);
  if (chosen.startsWith("file://")) return new DirectoryStore(fileURLToPath(chosen));
  if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(chosen))
    throw new SlipwayError(
      ExitCode.usage,
      `The store "${chosen}" cannot be used: only s3:// and directories are known.`,
      {
        where: "SLIPWAY_STORE",
        next: "write it as s3://bucket/prefix?region=… or as a directory",
      },
    );
  return new DirectoryStore(isAbsolute(chosen) ? chosen : resolve(root, chosen));
}

async function storeFromFile(root: string): Promise<string | undefined> {
  const text = await readFile(join(root, storeFile), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const content: unknown = parse(text);
  const store =
    content !== null && typeof content === "object" ? (content as Record<string, unknown>)["store"] : undefined;
  if (typeof store === "string" && store !== "" && Object.keys(content as object).length === 1) return store;
  throw new SlipwayError(ExitCode.usage, `${storeFile} must hold exactly one key, "store", with a text.`, {
    where: storeFile,
    next: "write it as store: s3://bucket/prefix?region=…",
  });
}
