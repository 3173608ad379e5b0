import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { ExitCode, SlipwayError } from "../errors.ts";
import { checkpointFile, fileBackendDirectory, locateStack, lockDirectory } from "./backend.ts";
import type { StateQuery } from "./inflight.ts";
import { mayLive, parseLock, readLocks } from "./lock.ts";

/** A whole state that was found beside a torn one. */
export interface Candidate {
  file: string;
  /** When it was written, milliseconds since the epoch. */
  writtenAt: number;
  /** When the engine took this snapshot, ISO; the files' times may be rounded, this is not. */
  takenAt: string;
  resources: number;
  pending: number;
}

/** The engine copies the state aside right before it writes the next one; retries of a slow disk are within this. */
const NEIGHBOUR_MS = 60_000;
/** Between opening a lock's temporary file and naming it the engine needs microseconds. */
const ABANDONED_MS = 10_000;

/**
 * The whole state to go back to: the newest that is at most one write older than the torn one. Such a state lists as pending
 * whatever the engine was doing at that write, so nothing is forgotten; of an older one that is not certain.
 */
export function chooseCandidate(candidates: readonly Candidate[], tornAt: number): Candidate | undefined {
  const near = candidates.filter(({ writtenAt }) => tornAt - writtenAt <= NEIGHBOUR_MS);
  return near.sort((a, b) => b.takenAt.localeCompare(a.takenAt) || b.writtenAt - a.writtenAt)[0];
}

/**
 * Makes a `file://` backend readable again after its engine was killed or the power failed, saying what it did. Nothing is touched
 * while somebody may hold the stack's lock. A state that is whole is never replaced, and a torn one is kept beside the restored.
 *
 * @throws SlipwayError when the state is torn and what is left of it is older than the write before.
 */
export function recoverCheckpoint(query: StateQuery, report: (message: string) => void): void {
  const { stack, workDir, environment } = query;
  const backend = fileBackendDirectory(environment, workDir);
  const location = locateStack(stack, workDir);
  if (backend === undefined || location === undefined) return;
  if (readLocks(stack, workDir, environment).some(mayLive)) return;
  dropTornLocks(lockDirectory(backend, location), report);
  const plain = checkpointFile(backend, location);
  for (const file of [plain, `${plain}.gz`, `${plain}.zst`].filter((each) => existsSync(each))) {
    dropTornSidecar(`${file}.attrs`, stack, report);
    if (!isWhole(file)) restore(file, stack, report);
  }
}

/** An engine that died while it took the lock leaves a file that every later engine counts as a lock and cannot read. */
function dropTornLocks(directory: string, report: (message: string) => void): void {
  for (const name of namesIn(directory).filter((each) => each.endsWith(".tmp"))) {
    const file = join(directory, name);
    const writtenAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - writtenAt < ABANDONED_MS || parseLock(readFileSync(file, "utf8"), file) !== undefined) continue;
    rmSync(file, { force: true });
    report(`Removed ${file}: an engine died while it took the lock.`);
  }
}

/**
 * The backend keeps content type and checksum of each file in a second file, which it overwrites in place: an engine killed just
 * then leaves an empty one, and every later engine stops with "failed to load checkpoint: EOF". Nobody reads what is in it.
 */
function dropTornSidecar(file: string, stack: string, report: (message: string) => void): void {
  if (!existsSync(file) || isWhole(file)) return;
  rmSync(file, { force: true });
  report(`Removed ${file}: it was cut short when an engine was killed. The state of stack ${stack} itself is whole.`);
}

function restore(file: string, stack: string, report: (message: string) => void): void {
  const { mtimeMs: tornAt, size } = statSync(file);
  const candidates = candidatesFor(file);
  const chosen = chooseCandidate(candidates, tornAt);
  if (chosen === undefined) throw lostState(file, stack, candidates);
  const aside = `${file}.torn-${new Date(tornAt).toISOString().replaceAll(/[:.-]/g, "")}`;
  if (!existsSync(aside)) linkSync(file, aside);
  putInPlace(file, readFileSync(chosen.file));
  report(
    `The state of stack ${stack} was torn (${size} bytes, no whole document): restored the one of ${chosen.takenAt} from ${chosen.file}, ` +
      `${chosen.resources} resources, ${chosen.pending} pending operations. The torn file is kept as ${aside}.`,
  );
}

/** Readers see the torn file or the whole one, and after a power failure too. */
function putInPlace(file: string, content: Buffer): void {
  const temporary = `${file}.${process.pid}.restored`;
  const descriptor = openSync(temporary, "w", 0o600);
  try {
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}

/** The copy that the engine made before the write, and writes that were complete but not yet under the state's name. */
function candidatesFor(file: string): Candidate[] {
  const isTemporary = (name: string) => name.startsWith(`${basename(file)}.`) && name.endsWith(".tmp");
  const names = namesIn(dirname(file)).filter((name) => name === `${basename(file)}.bak` || isTemporary(name));
  return names.flatMap((name) => readCandidate(join(dirname(file), name), extname(file)) ?? []);
}

interface Document {
  checkpoint?: { latest?: { manifest?: { time?: unknown }; resources?: unknown[]; pending_operations?: unknown[] } };
}

const unpackers: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  ".gz": gunzipSync,
  ".zst": zstdDecompressSync,
};

function parse(file: string, packing = extname(file)): unknown {
  const unpack = unpackers[packing] ?? ((bytes: Buffer) => bytes);
  return JSON.parse(unpack(readFileSync(file)).toString("utf8"));
}

/** Only a file that is no document is torn; what is in a document is the engine's to judge. */
function isWhole(file: string): boolean {
  try {
    parse(file);
    return true;
  } catch {
    return false;
  }
}

/** What a file says of itself when it holds a whole state, else undefined. */
function readCandidate(file: string, packing: string): Candidate | undefined {
  try {
    const { checkpoint } = parse(file, packing) as Document;
    if (checkpoint === undefined) return undefined;
    const { manifest, resources = [], pending_operations: pending = [] } = checkpoint.latest ?? {};
    const takenAt = typeof manifest?.time === "string" ? new Date(manifest.time).toISOString() : "";
    return {
      ...{ file, takenAt, writtenAt: statSync(file).mtimeMs },
      ...{ resources: resources.length, pending: pending.length },
    };
  } catch {
    return undefined;
  }
}

function lostState(file: string, stack: string, candidates: readonly Candidate[]): SlipwayError {
  const newest = [...candidates].sort((a, b) => b.writtenAt - a.writtenAt)[0];
  const left =
    newest === undefined
      ? "there is no whole copy beside it"
      : `the newest copy beside it, ${newest.file}, is of ${newest.takenAt || "an unknown time"} and may miss later changes`;
  return new SlipwayError(ExitCode.unexpected, `The state of stack ${stack} is torn, and ${left}.`, {
    where: file,
    changed: "Nothing was changed.",
    next: `Put a copy in its place (beside it, or the newest in ${join(backupsOf(file), stack)}), then: pulumi refresh --stack ${stack}`,
  });
}

/** `.pulumi/stacks/<project>/<stack>.json` -> `.pulumi/backups/<project>`. */
const backupsOf = (file: string): string => join(dirname(dirname(dirname(file))), "backups", basename(dirname(file)));

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
