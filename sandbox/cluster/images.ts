import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { extract } from "tar-stream";

import { block, list, text } from "../types/build.ts";
import type { Properties } from "../types/type-spec.ts";

/** An image cannot be had; the message says why, in a line. */
export class ImagePullError extends Error {}

const execute = promisify(execFile);
const buildTimeoutMs = 120_000;
/** Where the packages of the checkout are; the sandbox builds front ends with them. */
const packages = createRequire(import.meta.url);

/**
 * Folder with the content of an image, unpacked on the first call for its digest. Images of the sandbox hold the source of a service: where
 * that is a front end, it is built here as its Dockerfile would.
 *
 * @param image `<repository>@sha256:<64 hex>`
 * @throws ImagePullError where its bytes are not in the store, are damaged, or cannot be built.
 */
export async function imageFolder(directory: string, image: string): Promise<string> {
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];
  if (digest === undefined) throw new ImagePullError(`${image} is not named by its digest`);
  const target = join(directory, "images", digest.slice("sha256:".length));
  if (existsSync(target)) return target;
  const fresh = `${target}.${process.pid}.${Math.random().toString(36).slice(2, 8)}`;
  try {
    await mkdir(fresh, { recursive: true });
    for (const layer of await layersOf(directory, digest)) await unpack(await blob(directory, layer), fresh);
    await buildFrontEnd(fresh);
    await rename(fresh, target).catch((error: unknown) => {
      // Somebody else was as quick: theirs is the same.
      if (!existsSync(target)) throw error;
    });
    return target;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function layersOf(directory: string, digest: string): Promise<string[]> {
  const manifest = JSON.parse((await blob(directory, digest)).toString("utf8")) as Properties;
  return list(manifest["layers"]).flatMap((layer) => text(block(layer)["digest"]) ?? []);
}

/** The store keeps every artifact under its digest: `artifacts/sha256/<hex>`. */
async function blob(directory: string, digest: string): Promise<Buffer> {
  const file = join(directory, "store", "artifacts", ...digest.split(":"));
  const content = await readFile(file).catch(() => undefined);
  if (content === undefined) throw new ImagePullError(`${digest}: not found in the sandbox's store`);
  const actual = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  if (actual !== digest) throw new ImagePullError(`${digest}: its bytes in the store are damaged`);
  return content;
}

/**
 * Writes plain files of a tar below the folder. What leads outside of it, and links of any kind, is refused.
 *
 * @param what Whose files they are, for the message.
 * @throws ImagePullError
 */
export async function unpack(archive: Buffer, folder: string, what = "the image"): Promise<void> {
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) {
    const { name, type, mode } = entry.header;
    const file = resolve(folder, name);
    const inside = relative(folder, file);
    if (name.startsWith("/") || inside === ".." || inside.startsWith(`..${sep}`) || name.includes("\0"))
      throw new ImagePullError(`${what} holds a path outside of it: ${JSON.stringify(name)}`);
    if (type === "directory") {
      await mkdir(file, { recursive: true });
      entry.resume();
      continue;
    }
    if (type !== "file" || inside === "")
      throw new ImagePullError(`${what} holds a ${type ?? "special file"}: ${JSON.stringify(name)}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, await bytesOf(entry));
    if (((mode ?? 0) & 0o100) !== 0) await chmod(file, 0o755);
  }
}

async function bytesOf(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** A package with a `build` script and nothing built is a front end: Vite of the checkout builds it, with the checkout's packages. */
async function buildFrontEnd(folder: string): Promise<void> {
  const file = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
  if (file === undefined) return;
  const root = packagesFolder();
  if (!existsSync(join(folder, "node_modules"))) await symlink(root, join(folder, "node_modules"));
  const scripts = block((JSON.parse(file) as Properties)["scripts"]);
  if (text(scripts["build"]) === undefined || existsSync(join(folder, "dist"))) return;
  const vite = join(root, "vite/bin/vite.js");
  if (!existsSync(vite)) throw new ImagePullError("its front end cannot be built: vite is not installed");
  const path = process.env["PATH"] ?? "/usr/bin:/bin";
  const env = { PATH: path, HOME: folder, LC_ALL: "C.UTF-8", NODE_ENV: "production", SLIPWAY_NODE_MODULES: root };
  const options = { cwd: folder, env, timeout: buildTimeoutMs, maxBuffer: 16 * 1024 * 1024 };
  await execute(process.execPath, [vite, "build"], options).catch((error: unknown) => {
    const { stderr = "", message } = error as Error & { stderr?: string };
    const lines = stripVTControlCharacters(stderr)
      .split("\n")
      .map((line) => line.trim());
    const line = lines.find(
      (each) =>
        /not found|error:|unexpected|cannot|could not/i.test(each) && !/^(error during build|build failed)/i.test(each),
    );
    throw new ImagePullError(`its front end cannot be built: ${(line ?? message).slice(0, 200)}`);
  });
}

function packagesFolder(): string {
  const file = packages.resolve("yaml/package.json");
  return dirname(dirname(file));
}
