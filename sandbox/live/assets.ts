import { isAbsolute, resolve } from "node:path";

import { contentHash } from "../server/marshal.ts";
import type { CloudResource, Properties } from "../types/type-spec.ts";

/** Inputs of live types that may be files of the program. */
const fileInputs = ["source", "code"] as const;

/**
 * The resource with its files named from the root of the file system. The engine names them as the program does, and starts the
 * provider processes in the program's folder; whoever reads the record later is somewhere else.
 */
export function withAbsoluteFiles<T extends CloudResource>(resource: T, folder: string): T {
  return changeFiles(resource, (file) => {
    const path = file["path"];
    return typeof path === "string" && path !== "" && !isAbsolute(path)
      ? { ...file, path: resolve(folder, path) }
      : file;
  });
}

/** The resource with its files named as before, where they are the same files by content. */
export function withKnownFiles(resource: CloudResource, before: CloudResource | undefined): CloudResource {
  return changeFiles(resource, (file, input) => {
    const known = before?.inputs[input];
    const same = contentHash(file) !== undefined && contentHash(file) === contentHash(known);
    return same ? (known as Properties) : file;
  });
}

function changeFiles<T extends CloudResource>(resource: T, change: (file: Properties, input: string) => Properties): T {
  const files = fileInputs.flatMap((input): [string, Properties][] => {
    const file = resource.inputs[input];
    return typeof file === "object" && file !== null ? [[input, change(file as Properties, input)]] : [];
  });
  return { ...resource, inputs: { ...resource.inputs, ...Object.fromEntries(files) } };
}
