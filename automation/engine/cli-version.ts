import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

interface CachedVersion {
  size: number;
  mtimeMs: number;
  version: string;
}

const cacheFile = (root: string): string => join(root, "node_modules", ".cache", "slipway", "cli-versions.json");

function readCache(file: string): Record<string, CachedVersion> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, CachedVersion>) : {};
  } catch {
    return {};
  }
}

/** "v3.259.0" or "3.259.0", as `pulumi version` prints it. */
export const parseVersion = (text: string): string | undefined => /^v?(\d+\.\d+\.\d+\S*)\s*$/m.exec(text)?.[1];

/**
 * The version of a CLI. Asking costs a start of it, so the answer is kept for as long as the file stays the same; a cache that
 * cannot be read or written costs time and nothing else.
 */
export async function readVersionCached(path: string, root: string): Promise<string | undefined> {
  const { size, mtimeMs } = statSync(path);
  const file = cacheFile(root);
  const cache = readCache(file);
  const known = cache[path];
  if (known?.size === size && known.mtimeMs === mtimeMs) return known.version;
  const version = await askVersion(path);
  if (version === undefined) return undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ ...cache, [path]: { size, mtimeMs, version } }));
  } catch {
    // See above.
  }
  return version;
}

async function askVersion(path: string): Promise<string | undefined> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  try {
    return parseVersion((await promisify(execFile)(path, ["version"], { env, timeout: 30_000 })).stdout);
  } catch {
    return undefined;
  }
}
