import { ExitCode, SlipwayError } from "../errors.ts";

/** Whether an error of the system carries one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes(codeOf(error) ?? "");
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

interface Explanation {
  what: string;
  next: string;
}

/** What the system's refusals to write mean to a person. */
const WRITE_REFUSALS: Record<string, Explanation> = {
  ENOSPC: { what: "the disk is full", next: "free some space there, then run the same command again" },
  EDQUOT: { what: "the disk quota is used up", next: "free some space there, then run the same command again" },
  EFBIG: {
    what: "the file size limit is reached",
    next: "raise the limit (`ulimit -f`), then run the same command again",
  },
  EROFS: { what: "the file system is read-only", next: "mount it writable or use another store directory" },
  EACCES: { what: "this user may not write there", next: "correct the permissions of the directory" },
  EPERM: { what: "the file system refused it", next: "use a store directory on a file system with hard links" },
  ENOTDIR: { what: "a part of the path is a file", next: "move that file away or use another store directory" },
  EEXIST: { what: "a part of the path is a file", next: "move that file away or use another store directory" },
};

/** A write that the system refused. Nothing of it is left behind. */
export function cannotWrite(location: string, key: string, error: unknown): Error {
  const code = codeOf(error);
  if (error instanceof SlipwayError || code === undefined) return error as Error;
  const known = WRITE_REFUSALS[code];
  return new SlipwayError(ExitCode.unexpected, `The store could not keep ${key}: ${known?.what ?? messageOf(error)}.`, {
    where: `${location}/${key}`,
    changed: "nothing in the store: the document is as it was before",
    next: known?.next ?? "check the directory, then run the same command again",
    cause: error,
  });
}

/** A document that is there and cannot be read. */
export function cannotRead(path: string, error: unknown): Error {
  return new SlipwayError(ExitCode.unexpected, `The store could not be read: ${messageOf(error)}.`, {
    where: path,
    next: "check the permissions and the disk, then run the same command again",
    cause: error,
  });
}

/** The lock was never free. */
export function busy(location: string): SlipwayError {
  return new SlipwayError(ExitCode.timeout, "The store stayed busy with writes of other processes.", {
    where: location,
    changed: "nothing in the store",
    next: "run the same command again",
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
