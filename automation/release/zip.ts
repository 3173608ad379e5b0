import { zipSync } from "fflate";
import type { Zippable } from "fflate";
import type { GitMode } from "../git/objects.ts";

/** A file on its way into an archive. */
export interface PackedFile {
  path: string;
  mode: GitMode;
  content: Uint8Array;
}

/** Unix modes as archives carry them; umask, owner and the disk's own bits have no say. */
export const UNIX_MODES: Record<GitMode, number> = {
  "100644": 0o100644,
  "100755": 0o100755,
  "120000": 0o120777,
  "160000": 0o040755,
};

const MADE_ON_UNIX = 3;

/**
 * A zip whose bytes depend on paths, modes and contents alone. Deflate comes from a library in JavaScript pinned to
 * one version: zlib's output differs between processors.
 */
export function reproducibleZip(files: readonly PackedFile[]): Uint8Array {
  // Zip keeps local time, so this is the first moment a zip can express, in whatever zone this runs.
  const mtime = new Date(1980, 0, 1);
  const zippable: Zippable = {};
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const attrs = UNIX_MODES[file.mode] * 2 ** 16;
    zippable[file.path] = [file.content, { level: 6, mtime, os: MADE_ON_UNIX, attrs }];
  }
  return zipSync(zippable);
}
