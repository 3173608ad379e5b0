import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "fflate";
import { reproducibleTar } from "../../release/oci-image.ts";
import { filesBelow } from "./staging.ts";

/**
 * A folder as `.tar.gz` whose bytes depend on names and contents alone. Gzip comes from a library in JavaScript pinned to one version:
 * zlib's output differs between processors. Returns false, and writes nothing, where the folder holds no file.
 */
export async function archiveFolder(folder: string, target: string): Promise<boolean> {
  const paths = await filesBelow(folder);
  if (paths.length === 0) return false;
  const files = await Promise.all(
    paths.map(async (path) => ({
      path,
      mode: "100644" as const,
      content: await readFile(join(folder, ...path.split("/"))),
    })),
  );
  await writeFile(target, gzipSync(await reproducibleTar(files), { level: 6, mtime: 0 }));
  return true;
}
