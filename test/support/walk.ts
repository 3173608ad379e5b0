import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pageBlocks, type Block } from "../docs/blocks.ts";
import { elsewhere, isPartOf, linesOf, type WalkingTest, walks } from "../docs/walks.ts";

/** What a walk does about a command beside typing it and expecting a 0. */
export interface Aside {
  /** The code that the page says it ends with. */
  code?: number;
  /** What a reader has done by then, in another terminal or by hand. */
  before?: () => unknown;
  /** For what serves until it is ended: the address that answers once it is up, out of what it has said so far. */
  serves?: (said: string) => string | undefined;
}

/** Words that stand for something of the reader's, and what this reader has instead. */
export type Words = Readonly<Record<string, string | (() => string | Promise<string>)>>;

/** Types the commands of pages, in their order, as a reader would who takes every word literally. */
export interface Walk {
  /** Follows a page, or what stands below a heading of it, e.g. `docs/board.md#the-board`. Asides go by how their command begins. */
  follow(section: string, asides?: Readonly<Record<string, Aside>>, words?: Words): Promise<string>;
  /** Fails where a section that this test is to follow was left out. */
  done(): void;
}

/** Where a walk takes place. */
interface Place {
  root: string;
  environment: Readonly<Record<string, string>>;
}

/** Begins a walk through the sections that the test has in the table of walks. */
export function startWalk(test: WalkingTest, place: Place): Walk {
  const left = new Set<string>(walks[test]);
  return {
    async follow(section, asides = {}, words = {}) {
      assert.ok(left.delete(section), `${section} is no section of ${test}, or was followed already`);
      const page = section.split("#")[0] ?? "";
      const unused = new Set([...Object.keys(asides), ...Object.keys(words)]);
      const said: string[] = [];
      for (const block of pageBlocks(page).filter((one) => isPartOf(one, section) && !("needs" in one.attributes)))
        if (block.attributes["file"] !== undefined) await write(place.root, block);
        else if (block.language === "sh") said.push(await typeBlock(place, block, { asides, words, unused }));
      assert.deepEqual([...unused], [], `${section} has no such commands or words any more`);
      return said.join("");
    },
    done: () => assert.deepEqual([...left], [], `${test} has not followed these`),
  };
}

interface Notes {
  asides: Readonly<Record<string, Aside>>;
  words: Words;
  /** Asides and words that nothing on the page asked for yet. */
  unused: Set<string>;
}

async function typeBlock(place: Place, block: Block, { asides, words, unused }: Notes): Promise<string> {
  const shell = openShell(place);
  try {
    // Where a test says something about a command of `npm test`, the page is about what it finds after what was typed before.
    for (const line of linesOf(block).filter((one) => elsewhere[one] === undefined || one in asides)) {
      const [key = "", aside = {}] = Object.entries(asides).find(([start]) => line.startsWith(start)) ?? [];
      unused.delete(key);
      await aside.before?.();
      const typed = await filled(line, words, unused);
      if (aside.serves !== undefined) await serve(place, `${block.at}: ${typed}`, typed, aside.serves);
      else await shell.type(typed, `${block.at}: ${typed}`, aside.code ?? 0);
    }
  } finally {
    shell.close();
  }
  return shell.said();
}

async function filled(line: string, words: Words, unused: Set<string>): Promise<string> {
  let typed = line;
  for (const [word, own] of Object.entries(words).filter(([one]) => line.includes(one))) {
    unused.delete(word);
    typed = typed.replaceAll(word, typeof own === "string" ? own : await own());
  }
  return typed;
}

/** One shell for a block, so that what a line exports is there for the next. */
function openShell({ root, environment }: Place) {
  const child = spawn("sh", [], { cwd: root, env: environment });
  const token = randomUUID();
  let out = "";
  let all = "";
  let heard = (): void => undefined;
  const hear = (text: string, both: boolean) => {
    if (both) out += text;
    all += text;
    heard();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => hear(text, true));
  child.stderr.setEncoding("utf8").on("data", (text: string) => hear(text, false));
  child.on("close", () => heard());
  /** Written behind each line with the code that it ended with. */
  const mark = new RegExp(`<${token} (\\d+)>\n`, "u");
  const codeOf = (from: number) =>
    new Promise<number | undefined>((resolve) => {
      heard = () => {
        const [, code] = mark.exec(out.slice(from)) ?? [];
        if (code !== undefined || child.exitCode !== null) resolve(code === undefined ? undefined : Number(code));
      };
      heard();
    });
  return {
    async type(line: string, at: string, expected: number): Promise<void> {
      const [from, begin] = [out.length, all.length];
      child.stdin.write(`{ ${line}\n} </dev/null; printf '<${token} %d>\\n' "$?"\n`);
      const code = await codeOf(from);
      assert.equal(code, expected, `${at}\n${all.slice(begin).slice(-6000)}`);
    },
    said: () => out.replaceAll(new RegExp(mark, "gu"), ""),
    close: () => child.stdin.end(),
  };
}

/** Starts what serves, waits until its address answers, and ends it as Ctrl-C does. */
async function serve(
  { root, environment }: Place,
  at: string,
  line: string,
  addressIn: (said: string) => string | undefined,
): Promise<void> {
  const child = spawn("sh", ["-c", line], { cwd: root, env: environment, detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    await answers(
      child,
      at,
      () => addressIn(said),
      () => said,
    );
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    await ended;
  }
}

async function answers(
  child: ChildProcess,
  at: string,
  address: () => string | undefined,
  said: () => string,
): Promise<void> {
  const deadline = performance.now() + 300_000;
  for (;;) {
    const url = address();
    if (url !== undefined && (await fetch(url).catch(() => undefined)) !== undefined) return;
    assert.equal(child.exitCode, null, `${at} ended:\n${said()}`);
    assert.ok(performance.now() < deadline, `${at} does not answer:\n${said()}`);
    await pause(50);
  }
}

/** Writes the file that a block is, changes one by a block that is a diff, or puts the block below a line of one, indented by two more than that line. */
async function write(root: string, { at, attributes, language, text }: Block): Promise<void> {
  const file = join(root, attributes["file"] ?? "");
  const below = attributes["below"];
  if (language === "diff") return writeFile(file, changed(await readFile(file, "utf8"), text, at));
  if (below === undefined) {
    await mkdir(dirname(file), { recursive: true });
    return writeFile(file, text);
  }
  const lines = (await readFile(file, "utf8")).split("\n");
  const line = lines.findIndex((one) => one.trim() === below);
  assert.ok(line >= 0, `${at}: there is no line "${below}"`);
  const indent = " ".repeat((lines[line]?.search(/\S/u) ?? 0) + 2);
  lines.splice(line + 1, 0, text.trimEnd().replaceAll(/^/gmu, indent));
  return writeFile(file, lines.join("\n"));
}

/** The text with the lines of a diff changed. A line of `@@` stands between changes; what a change begins from is there just once. */
function changed(text: string, diff: string, at: string): string {
  return diff.split(/^@@.*\n/mu).reduce((before, change) => {
    const side = (mark: "-" | "+") =>
      change
        .split("\n")
        .filter((line) => line.startsWith(mark) || line.startsWith(" "))
        .map((line) => `${line.slice(1)}\n`)
        .join("");
    const [from, to] = [side("-"), side("+")];
    assert.equal(before.split(from).length, 2, `${at}: not once in the file:\n${from}`);
    return before.replace(from, () => to);
  }, text);
}
