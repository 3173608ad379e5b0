import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A resource that some stack of the sandbox has on record. */
export interface RecordedResource {
  type: string;
  id: string;
  urn: string;
}

/** Process that holds the lock of a stack. */
export interface StackLock {
  stack: string;
  pid: number;
}

/** Every custom resource that the stacks' states record, those waiting for deletion included. */
export function recordedResources(directory: string): RecordedResource[] {
  return jsonFiles(join(directory, "state/.pulumi/stacks")).flatMap((file) => {
    const state = readJson(file) as
      { checkpoint?: { latest?: { resources?: Partial<RecordedResource>[] } } } | undefined;
    const resources = state?.checkpoint?.latest?.resources ?? [];
    return resources.filter((resource): resource is RecordedResource => typeof resource.id === "string");
  });
}

/** Locks of engines that are still running. A lock whose process is gone is left over from a killed one. */
export function liveLocks(directory: string): StackLock[] {
  const folder = join(directory, "state/.pulumi/locks");
  return jsonFiles(folder).flatMap((file) => {
    const pid = (readJson(file) as { pid?: unknown } | undefined)?.pid;
    const stack =
      file
        .slice(folder.length + 1)
        .split("/")
        .at(-2) ?? "";
    return typeof pid === "number" && isAlive(pid) ? [{ stack, pid }] : [];
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function jsonFiles(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** A file that an engine is just replacing counts as absent. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
