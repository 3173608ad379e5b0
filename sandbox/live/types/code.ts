import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { zipSync, type Zippable } from "fflate";

import { block, text } from "./build.ts";

/** A ZIP from an archive of the engine: a file that is one already, a folder, or assets by name. */
export function zipOf(archive: unknown): Uint8Array {
  const { path, assets } = block(archive);
  if (text(path))
    return statSync(String(path)).isDirectory() ? zipSync(folder(String(path))) : readFileSync(String(path));
  const entries = Object.entries(block(assets)).map(([name, asset]) => {
    const { path: file, text: content } = block(asset);
    return [name, text(file) ? readFileSync(String(file)) : Buffer.from(text(content) ?? "")];
  });
  return zipSync(Object.fromEntries(entries) as Zippable);
}

function folder(root: string): Zippable {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [file.slice(root.length + 1), readFileSync(file)];
    }),
  );
}
