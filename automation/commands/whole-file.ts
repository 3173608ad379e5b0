import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ExitCode, SlipwayError } from "../errors.ts";

/**
 * Writes a file that a person asked for; answers where it is. A reader sees the old file or the new one: it is written beside its place
 * and then moved there.
 * @param next what to type instead where this user may not write there
 */
export async function writeWhole(file: string, content: string, next: string): Promise<string> {
  const target = resolve(file);
  const pending = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(pending, content);
    await rename(pending, target);
    return target;
  } catch (cause) {
    await rm(pending, { force: true }).catch(() => undefined);
    throw new SlipwayError(ExitCode.usage, `The file could not be written: ${(cause as Error).message}`, {
      where: target,
      next,
      cause,
    });
  }
}
