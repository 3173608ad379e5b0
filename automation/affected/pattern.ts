import picomatch from "picomatch";

/** Dotfiles are files like any other here, and a pattern never turns into its opposite. */
const options = { dot: true, nonegate: true, strictSlashes: false } as const;

/** What a placeholder takes: a name, never a file with an extension and never a part of one. */
const name = "[A-Za-z0-9][A-Za-z0-9_-]*";

/** How a pattern can be looked up; `matcher` is for what only a regular expression can decide. */
export type PatternShape =
  | { shape: "file"; path: string }
  /** A folder with all that is below it. */
  | { shape: "folder"; path: string }
  /** The name of a file at any depth. */
  | { shape: "name"; name: string }
  /** The end of a file's name at any depth, with its dot. */
  | { shape: "ending"; ending: string }
  /** Everything else, below the folder (empty: anywhere). */
  | { shape: "other"; folder: string; expression: RegExp };

const plain = /^[\w .@+-]+$/;
const plainPath = /^[\w .@+-]+(?:\/[\w .@+-]+)*$/;

/** Sorts a pattern into its shape, once. */
export function shapeOf(glob: string): PatternShape {
  if (plainPath.test(glob)) return { shape: "file", path: glob };
  const folder = glob.endsWith("/**") ? glob.slice(0, -3) : "";
  if (plainPath.test(folder)) return { shape: "folder", path: folder };
  const anywhere = glob.startsWith("**/") ? glob.slice(3) : "";
  if (plain.test(anywhere)) return { shape: "name", name: anywhere };
  if (anywhere.startsWith("*.") && plain.test(anywhere.slice(1)) && !anywhere.slice(2).includes("."))
    return { shape: "ending", ending: anywhere.slice(1) };
  return { shape: "other", folder: literalFolder(glob), expression: expressionOf(glob) };
}

/** The folders before the first segment that is not literal. */
function literalFolder(glob: string): string {
  const segments = glob.split("/").slice(0, -1);
  const first = segments.findIndex((segment) => !plain.test(segment));
  return segments.slice(0, first === -1 ? undefined : first).join("/");
}

/**
 * The pattern as one regular expression over whole paths; its groups are the placeholders. A folder that a placeholder names is matched by
 * what is in it and not by a file of that name.
 */
export function expressionOf(glob: string): RegExp {
  const words: string[] = [];
  const marked = glob.replaceAll(/<([a-z][a-z0-9]*)>/g, (_, word: string) => {
    words.push(word);
    return mark(words.length - 1);
  });
  const inside = words.length > 0 && marked.endsWith("/**") ? `${marked}/*` : marked;
  // Without a capture of its own picomatch makes groups of braces; only named groups are read, so they do no harm.
  const { source } = picomatch.makeRe(inside, options);
  const named = words.reduce((text, word, index) => text.replace(mark(index), `(?<${word}>${name})`), source);
  // A file's name may hold a line break.
  return new RegExp(named, "s");
}

const mark = (index: number) => `zPLACEHOLDER${index}z`;
