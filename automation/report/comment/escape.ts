import { stripVTControlCharacters } from "node:util";

/** Longest text that is shown at one place. */
const LONGEST = 300;
const LONGEST_LINE = 500;
/** GitHub's renderer takes no longer run of backticks for code. */
const LONGEST_RUN = 8;

// Control characters, invisible ones, and the marks that turn the direction of what follows.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]/gu;
const escaped = (letter: string) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`;

/** A text in which nothing is invisible, breaks a line, steers a terminal or turns the direction of reading. */
export const visible = (text: string): string =>
  stripVTControlCharacters(text)
    .toWellFormed()
    .replaceAll(/\s*[\r\n]\s*/g, " ")
    .replaceAll(unsafe, escaped);

/** Visible, and with runs of backticks that stay shorter than the longest fence. */
const tame = (text: string): string => visible(text).replaceAll(/`{9,}/g, `${"`".repeat(LONGEST_RUN)}…`);

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);

/**
 * Any text as an inline code span, where GitHub looks for neither mentions nor references, links or HTML. Everything in a comment that this
 * project did not write itself goes through here or through `fenced`.
 */
export function code(text: string, limit = LONGEST): string {
  const shown = shortened(tame(text), limit);
  if (shown.trim() === "") return "`(empty)`";
  const fence = "`".repeat(longestRun(shown) + 1);
  const pad = /^[` ]|[` ]$/.test(shown) ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

function shortened(text: string, limit: number): string {
  const letters = text.length <= limit ? undefined : Array.from(text);
  return letters === undefined || letters.length <= limit ? text : `${letters.slice(0, limit - 1).join("")}…`;
}

/** Lines as a block that nothing in them can close. */
export function fenced(language: string, lines: readonly string[]): string {
  const tamed = lines.map((line) => shortened(tame(line), LONGEST_LINE));
  const fence = "`".repeat(Math.max(3, ...tamed.map((line) => longestRun(line) + 1)));
  return [`${fence}${language}`, ...tamed, fence].join("\n");
}
