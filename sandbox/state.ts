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
  return jsonFiles(join(directory, "state/.pulumi/stacks")).flatMap((file) => recordedIn(file) ?? []);
}

function recordedIn(file: string): RecordedResource[] | undefined {
  const state = readJson(file) as Checkpoint | undefined;
  const resources = state && (state.checkpoint?.latest?.resources ?? []);
  return resources?.filter((resource): resource is RecordedResource => typeof resource.id === "string");
}

interface Checkpoint {
  checkpoint?: { latest?: { resources?: Partial<RecordedResource>[] } };
}

/**
 * Ids that the stack of this URN has on record for it, those waiting for deletion included; undefined when the sandbox
 * does not hold that stack's state.
 */
export function recordedIds(directory: string, urn: string): Set<string> | undefined {
  const [stackUrn = "", project = ""] = urn.split("::");
  const stack = stackUrn.slice("urn:pulumi:".length);
  const resources = recordedIn(join(directory, "state/.pulumi/stacks", project, `${stack}.json`));
  return resources && new Set(resources.filter((resource) => resource.urn === urn).map(({ id }) => id));
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
