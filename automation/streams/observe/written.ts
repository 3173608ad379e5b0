import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ExitCode, SlipwayError } from "../../errors.ts";

/** A reader sees the old file or the new one: it is written beside its place and then moved there. Hands back where. */
export async function writeWhole(file: string, content: string): Promise<string> {
  const pending = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(pending, content);
    await rename(pending, file);
    return file;
  } catch (cause) {
    await rm(pending, { force: true }).catch(() => undefined);
    throw new SlipwayError(ExitCode.usage, `The file could not be written: ${(cause as Error).message}`, {
      ...{ where: file, next: "Name a file that this user may write.", cause },
    });
  }
}

/** Figures in the form that `streams advise --stats` reads. */
export const samplesText = (samples: readonly (readonly [processor: string, stats: readonly unknown[]])[]): string =>
  `${JSON.stringify(Object.fromEntries(samples), null, 2)}\n`;
