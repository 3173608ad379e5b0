import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { duration } from "../report/time.ts";
import { groupJson, groupsText, growthText } from "../report/streams-dlq.ts";
import { type DeadLetter, grouped, readDeadLetters } from "../streams/custody/dlq-documents.ts";
import { type Growth, growthOf, type Reading, readingOf, readingSchema } from "../streams/custody/dlq-growth.ts";
import { replayOf } from "../streams/custody/dlq-replay.ts";
import { openStreams, type StreamsOfStack } from "../streams/place.ts";
import { folderOf, readStreamFolder } from "../streams/project.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { shownFolder } from "./streams-lint.ts";
import { span } from "./streams-place.ts";

/** `streams dlq <environment>`: whether dead letter queues grow; with `--documents`, what is in one, without Atlas. */
export async function dlq(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const documents = text(options, "documents");
  if (documents !== undefined) return groups(context, resolve(documents), options);
  if (text(options, "replay") !== undefined)
    throw new SlipwayError(ExitCode.usage, "--replay needs the documents that it is made of.", {
      next: "./slipway streams dlq --documents <file> --replay <file>",
    });
  const there = await openStreams(context, args[0]);
  const growth = await growthOn(context, there, {
    most: most(options),
    apartMs: text(options, "duration") === undefined ? undefined : span(options, "duration", 0),
  });
  return {
    exitCode: growth.some(({ exceeded }) => exceeded) ? ExitCode.unexpectedChanges : ExitCode.done,
    json: { action: "dlq", environment: there.stack, growth, groups: null, written: [] },
    text: growthText(context.console, there.stack, growth).join("\n"),
  };
}

function most(options: Record<string, unknown>): number {
  const given = text(options, "most") ?? "0";
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new SlipwayError(ExitCode.usage, `--most: got "${given}", expected a whole number of documents.`);
}

/** Growth since the command ran last, or in the time that somebody asks for. */
async function growthOn(
  context: Context,
  { workspace, stack, outputs, client }: StreamsOfStack,
  { most: documents, apartMs }: { most: number; apartMs: number | undefined },
): Promise<Growth[]> {
  const key = `streams/${stack}/dlq.json`;
  let before: Reading | undefined;
  if (apartMs === undefined) {
    const stored = await workspace.store.get(key);
    before = stored && readingSchema.parse(JSON.parse(Buffer.from(stored.body).toString("utf8")));
  } else {
    before = readingOf(await client.processors(), context.now());
    context.console.info(`counts again in ${duration(apartMs / 1000)}`);
    await delay(apartMs, undefined, { signal: context.signal });
  }
  const processors = await client.processors();
  const reading = `${JSON.stringify(readingOf(processors, context.now()))}\n`;
  await workspace.store.put(key, reading).catch((error: unknown) => {
    // Who only looks may not write records, and counts twice instead.
    if (!(error instanceof SlipwayError)) throw error;
    context.console.warn(`the counts are not kept for the next time: ${error.message}`);
  });
  return growthOf(before, processors, { processors: outputs.processors, documents });
}

async function groups(context: Context, path: string, options: Record<string, unknown>): Promise<CommandResult> {
  const letters = await readDeadLetters(path);
  const replay = text(options, "replay");
  const replayed = replay === undefined ? undefined : await replays(context, letters, resolve(replay), options);
  const all = replayed?.groups ?? grouped(letters);
  return {
    exitCode: ExitCode.done,
    json: {
      action: "dlq",
      environment: null,
      growth: null,
      groups: all.map(groupJson),
      written: replayed?.written ?? [],
    },
    text: groupsText(context.console, all, letters.length, replayed?.written ?? []).join("\n"),
  };
}

/** One test file: documents of several processors would need several. */
async function replays(
  context: Context,
  letters: readonly DeadLetter[],
  file: string,
  options: Record<string, unknown>,
) {
  const { project } = await readStreamFolder(folderOf(context.root, text(options, "folder")));
  const names = [...new Set(letters.map(({ processor }) => processor))];
  const name = text(options, "processor") ?? names[0];
  const own = letters.filter(({ processor }) => processor === name || names.length === 1);
  if (name === undefined || own.length === 0 || (names.length > 1 && text(options, "processor") === undefined))
    throw new SlipwayError(
      ExitCode.usage,
      `--replay needs documents of one processor; these are of ${names.join(", ") || "none"}.`,
      {
        next: "Name one with --processor.",
      },
    );
  const replay = replayOf(own, name.replace(/__[0-9a-f]{8}$/, ""), project);
  if (replay === undefined)
    throw new SlipwayError(ExitCode.notFound, `There is no processor ${JSON.stringify(name)} in the files.`, {
      next: `Use one of: ${project.processors.map((one) => one.name).join(", ")}, with --processor.`,
    });
  if (replay.file.cases.length === 0) return { groups: replay.groups, written: [] };
  await mkdir(dirname(file), { recursive: true });
  const content = `${JSON.stringify(replay.file, null, 2)}\n`;
  await writeFile(file, content, { flag: flag(options, "force") ? "w" : "wx" }).catch((cause: unknown) => {
    throw new SlipwayError(ExitCode.usage, "The file cannot be written, or is there already.", {
      ...{ where: file, cause },
      next: "Name another with --replay, or replace it with --force.",
    });
  });
  return { groups: replay.groups, written: [shownFolder(context.root, file)] };
}
