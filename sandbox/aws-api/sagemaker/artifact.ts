import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

import { unpack } from "../../cluster/images.ts";
import { stateFolder } from "../state.ts";

const unzip = promisify(gunzip);
/** An archive that is larger when it is unpacked is none of a model of this platform. */
const largestBytes = 512 * 1024 * 1024;

/** An artifact cannot be used; the message says why, in a line. */
export class ArtifactError extends Error {}

/**
 * Folder with the files of a model archive, unpacked on the first call for its digest: what SageMaker puts at `/opt/ml/model`.
 *
 * @param directory Of the sandbox.
 * @param read Reads the archive.
 * @throws ArtifactError where it cannot be read or unpacked.
 */
export async function modelFolder(
  directory: string,
  url: string,
  read: (url: string) => Promise<Buffer>,
): Promise<string> {
  const archive = await read(url).catch((error: unknown) => {
    throw new ArtifactError(`Failed to download model data from ${url}: ${wordsOf(error)}.`);
  });
  const digest = createHash("sha256").update(archive).digest("hex");
  const target = join(stateFolder(directory), "models", digest);
  if (existsSync(target)) return target;
  const fresh = `${target}.${process.pid}.${Math.random().toString(36).slice(2, 8)}`;
  try {
    await mkdir(fresh, { recursive: true });
    await unpack(await unzip(archive, { maxOutputLength: largestBytes }), fresh, "the archive");
    await rename(fresh, target).catch((error: unknown) => {
      // Somebody else was as quick: theirs is the same.
      if (!existsSync(target)) throw error;
    });
    return target;
  } catch (error) {
    throw new ArtifactError(`Failed to extract the model data archive ${url}: ${wordsOf(error)}.`);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}
