import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ExitCode, SlipwayError } from "../errors.ts";
import { envelopeText, parseEnvelope, type PlanEnvelope } from "./envelope.ts";

/** A plan holds configuration: it is nobody else's to read. */
const OWNER_ONLY = 0o600;

/** Writes an envelope, owner-readable only and whole or not at all. Returns the file's absolute path. */
export async function writeEnvelope(file: string, envelope: PlanEnvelope): Promise<string> {
  const path = resolve(file);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeOwnerOnly(temporary, envelopeText(envelope));
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new SlipwayError(ExitCode.usage, `The plan cannot be saved: ${(cause as Error).message}.`, {
      where: path,
      next: "Name a file in a folder that exists and may be written.",
      cause,
    });
  }
  return path;
}

export async function readEnvelope(file: string): Promise<PlanEnvelope> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new SlipwayError(
      missing ? ExitCode.notFound : ExitCode.usage,
      missing ? "There is no such plan file." : `The plan file cannot be read: ${(cause as Error).message}.`,
      { where: file, next: "Save one with ./slipway preview <stack> --save-plan FILE.", cause },
    );
  }
  return parseEnvelope(text, file);
}

/** A place for Pulumi's own plan while the engine reads or writes it; gone afterwards. */
export async function withScratchPlan<T>(directory: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = join(directory, "plans");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${randomUUID()}.json`);
  try {
    // Made here, so that it is never readable for others, whatever the engine's file mode is.
    await writeOwnerOnly(file, "");
    return await work(file);
  } finally {
    await rm(file, { force: true });
  }
}

export async function writeOwnerOnly(file: string, text: string): Promise<void> {
  const handle = await open(file, "w", OWNER_ONLY);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}
