import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { isDebug, parseEvent } from "./events.ts";

/**
 * Takes the engine's debug messages out of a finished event log. They repeat what a program registers in clear text, secrets included, and
 * nobody reads them; what stays is blinded by the engine. A log that cannot be rewritten is removed.
 */
export async function withoutDebug(file: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    await pipeline(createReadStream(file), keptLines, createWriteStream(temporary, { mode: 0o600, flags: "wx" }));
    await rename(temporary, file);
  } catch {
    await Promise.all([rm(temporary, { force: true }), rm(file, { force: true })]);
  }
}

async function* keptLines(source: NodeJS.ReadableStream): AsyncGenerator<string> {
  for await (const line of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
    const event = parseEvent(line);
    if (event !== undefined && !isDebug(event)) yield `${line}\n`;
  }
}
