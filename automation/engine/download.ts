import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { setGlobalProxyFromEnv } from "node:http";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { promisify } from "node:util";
import { CLI_NAME } from "./cli-files.ts";
import type { InstallRequest, Report } from "./cli.ts";
import { putInPlace, temporaryBeside } from "./install.ts";

const CONNECT_MS = 15_000;
const STALL_MS = 30_000;
const PROGRESS_MS = 3000;

/** The archive's name for a platform, or undefined where there is no official build. */
export function archiveName(version: string, platform: string, architecture: string): string | undefined {
  const system = { linux: "linux", darwin: "darwin", win32: "windows" }[platform];
  const processor = { x64: "x64", arm64: "arm64" }[architecture];
  if (system === undefined || processor === undefined || system === "windows") return undefined;
  return `pulumi-v${version}-${system}-${processor}.tar.gz`;
}

export const archiveUrl = (archive: string): string => `https://get.pulumi.com/releases/sdk/${archive}`;
export const checksumsUrl = (version: string): string =>
  `https://github.com/pulumi/pulumi/releases/download/v${version}/pulumi-${version}-checksums.txt`;

/** The sha256 of one archive in a list of `<hex>  <name>` lines. */
export function checksumOf(list: string, archive: string): string | undefined {
  const line = list.split("\n").find((each) => each.trim().split(/\s+\*?/)[1] === archive);
  const hex = line?.trim().split(/\s+/)[0];
  return hex !== undefined && /^[0-9a-f]{64}$/i.test(hex) ? hex.toLowerCase() : undefined;
}

/** Installs the official build. An archive whose checksum cannot be had or does not fit is not installed. */
export async function downloadOfficial(request: InstallRequest): Promise<string | undefined> {
  const { version, directory, report } = request;
  const archive = archiveName(version, process.platform, process.arch);
  if (archive === undefined) return `there is none for ${process.platform}-${process.arch}`;
  setGlobalProxyFromEnv(request.environment);
  const temporary = temporaryBeside(directory);
  try {
    return await fetchAndUnpack({ archive, version, directory, temporary, report });
  } catch (error) {
    return reason(error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

interface Download {
  archive: string;
  version: string;
  directory: string;
  temporary: string;
  report: Report;
}

async function fetchAndUnpack({
  archive,
  version,
  directory,
  temporary,
  report,
}: Download): Promise<string | undefined> {
  const expected = checksumOf(await (await get(checksumsUrl(version))).text(), archive);
  if (expected === undefined) return `the list of checksums has none for ${archive}`;
  const file = join(temporary, archive);
  const actual = await save(await get(archiveUrl(archive)), file, report);
  if (actual !== expected) return `the checksum of ${archive} is ${actual}, not ${expected}`;
  await promisify(execFile)("tar", ["-xzf", file, "-C", temporary]);
  const unpacked = join(temporary, "pulumi");
  await putInPlace(unpacked, directory, await readdir(unpacked), CLI_NAME);
  report(`Pulumi CLI ${version} is in ${directory}.`);
  return undefined;
}

async function get(url: string): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error("no answer in time")), CONNECT_MS);
  try {
    const response = await fetch(url, { signal: controller.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status} for ${url}`);
    return response;
  } finally {
    clearTimeout(timer);
  }
}

/** Writes the body to a file and returns its sha256. */
async function save(response: Response, file: string, report: Report): Promise<string> {
  const total = Number(response.headers.get("content-length") ?? 0);
  const hash = createHash("sha256");
  const stalled = new AbortController();
  const watchdog = setTimeout(() => stalled.abort(new Error("the download stalled")), STALL_MS);
  let received = 0;
  const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(0);
  const say = () =>
    report(`Downloading the Pulumi CLI: ${megabytes(received)}${total > 0 ? ` of ${megabytes(total)}` : ""} MB`);
  const progress = setInterval(say, PROGRESS_MS);
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      watchdog.refresh();
      received += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    if (response.body === null) throw new Error("empty answer");
    await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), count, createWriteStream(file), {
      signal: stalled.signal,
    });
  } finally {
    clearInterval(progress);
    clearTimeout(watchdog);
  }
  say();
  return hash.digest("hex");
}

function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== "" ? `${message} (${cause.message})` : message;
}
