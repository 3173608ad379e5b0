import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ExitCode, SlipwayError } from "../errors.ts";

const schema = z.strictObject({
  schema: z.literal(1),
  /** When each step ended. What is true is looked up; this says what happened here. */
  steps: z.record(z.string(), z.iso.datetime()),
  foundation: z.strictObject({ bucket: z.string(), keyArn: z.string(), region: z.string() }).optional(),
  /** How the operations stack was brought up. */
  up: z.strictObject({ seconds: z.number(), resources: z.int(), changes: z.record(z.string(), z.int()) }).optional(),
});

export type Progress = z.infer<typeof schema>;

/** The files of a bootstrap: local state until it has moved, its passphrase, and what has been done. */
export interface BootstrapFiles {
  directory: string;
  state: string;
  progress: string;
  passphrase: string;
  /** The state on its way. */
  exported: string;
}

export function bootstrapFiles(directory: string): BootstrapFiles {
  const at = (name: string) => join(directory, name);
  return {
    directory,
    state: at("state"),
    progress: at("progress.json"),
    passphrase: at("passphrase"),
    exported: at("operations.json"),
  };
}

export async function readProgress(files: BootstrapFiles): Promise<Progress> {
  const text = await readIfThere(files.progress);
  if (text === undefined) return { schema: 1, steps: {} };
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SlipwayError(ExitCode.unexpected, "The record of the bootstrap is damaged.", {
      where: files.progress,
      next: "remove that file and run ./slipway bootstrap again: every step looks for itself whether it is done",
      cause,
    });
  }
}

/** Replaces the record in one go: a reader, or a crash, meets the old one or the new one. */
export async function writeProgress(files: BootstrapFiles, progress: Progress): Promise<void> {
  await writePrivately(files, files.progress, `${JSON.stringify(progress, undefined, 2)}\n`);
}

/** Protects secrets of the local state until they are encrypted with the key. A person's own is used where it is set. */
export async function passphraseOf(
  files: BootstrapFiles,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const known = environment["PULUMI_CONFIG_PASSPHRASE"] || (await readIfThere(files.passphrase));
  if (known !== undefined) return known;
  const made = randomBytes(24).toString("base64url");
  await writePrivately(files, files.passphrase, made);
  return made;
}

/** For this user's eyes only, and never half written. */
export async function writePrivately(files: BootstrapFiles, file: string, text: string): Promise<void> {
  await mkdir(files.directory, { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Puts the local state out of the way, under a name that says what it is. False when there was none. */
export async function retireLocalState(files: BootstrapFiles, now: Date): Promise<boolean> {
  const retired = `${files.state}-migrated-${now.toISOString().replaceAll(/[:.]/g, "")}`;
  const moved = await rename(files.state, retired).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  // The old versions in that folder are all that it could still open.
  for (const file of [files.passphrase, files.exported]) await rm(file, { force: true });
  return moved;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
