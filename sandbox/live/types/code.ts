import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FunctionCode } from "@aws-sdk/client-lambda";
import { zipSync, type Zippable } from "fflate";

import type { CloudResource } from "../../types/type-spec.ts";
import { block, string, text, value } from "./build.ts";

/** The same files give the same archive, whenever it is made. */
const packed = { mtime: new Date("1980-01-01T00:00:00Z") };

/** A ZIP from an archive of the engine: a file that is one already, a folder, or assets by name. */
function zipOf(archive: unknown): Uint8Array {
  const { path, assets } = block(archive);
  if (text(path))
    return statSync(String(path)).isDirectory() ? zipSync(folder(String(path)), packed) : readFileSync(String(path));
  const entries = Object.entries(block(assets)).map(([name, asset]) => {
    const { path: file, text: content } = block(asset);
    return [name, text(file) ? readFileSync(String(file)) : Buffer.from(text(content) ?? "")];
  });
  return zipSync(Object.fromEntries(entries) as Zippable, packed);
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

/** Code of a function or a layer as Lambda takes it, and its digest as Lambda writes it. */
export interface Code {
  upload: FunctionCode;
  /** As the record has it where the code is in a bucket. */
  digest: string;
}

export function codeOf(resource: CloudResource): Code {
  const S3Bucket = text(value(resource, "s3Bucket"));
  if (S3Bucket !== undefined)
    return { upload: { S3Bucket, S3Key: string(resource, "s3Key") }, digest: string(resource, "sourceCodeHash") };
  const ZipFile = zipOf(resource.inputs["code"]);
  return { upload: { ZipFile }, digest: createHash("sha256").update(ZipFile).digest("base64") };
}
