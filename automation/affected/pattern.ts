import picomatch from "picomatch";

/** Dotfiles are files like any other here, and a pattern never turns into its opposite. */
const options = { dot: true, nonegate: true, strictSlashes: false } as const;

/** What a placeholder takes: a name, never a file with an extension and never a part of one. */
const name = "[A-Za-z0-9][A-Za-z0-9_-]*";

/** How a pattern can be looked up. Where only regular expressions can decide, as much as possible is decided once per folder. */
export type PatternShape =
  | { shape: "file"; path: string }
  /** A folder with all that is below it. */
  | { shape: "folder"; path: string }
  /** The name of a file at any depth. */
  | { shape: "name"; name: string }
  /** The end of a file's name at any depth, with its dot. */
  | { shape: "ending"; ending: string }
  | ({ shape: "expression" } & PatternExpression);

/** Asked only for what lies below the literal folder (empty: anywhere). */
export interface PatternExpression {
  below: string;
  /** Must match the path of the folder a file lies in; undefined where any folder will do. */
  folder: RegExp | undefined;
  /** Must match the rest: the file's name or its whole path; undefined where the folder decides for all that is in it. */
  rest: { of: "name" | "path"; expression: RegExp } | undefined;
}

const plain = /^[\w .@+-]+$/;
const plainPath = /^[\w .@+-]+(?:\/[\w .@+-]+)*$/;

/** The shapes of a pattern, one of which a path must have to match. */
export function shapesOf(glob: string): PatternShape[] {
  if (plainPath.test(glob)) return [{ shape: "file", path: glob }];
  const tree = glob.endsWith("/**") ? glob.slice(0, -3) : "";
  if (plainPath.test(tree)) return [{ shape: "folder", path: tree }];
  const anywhere = glob.startsWith("**/") ? glob.slice(3) : "";
  if (plain.test(anywhere)) return [{ shape: "name", name: anywhere }];
  if (anywhere.startsWith("*.") && plain.test(anywhere.slice(1)) && !anywhere.slice(2).includes("."))
    return [{ shape: "ending", ending: anywhere.slice(1) }];
  return expressionsOf(glob, tree).map((one) => ({ shape: "expression", ...one }));
}

function expressionsOf(glob: string, tree: string): PatternExpression[] {
  const below = literalFolder(glob);
  // `**` may stand for nothing, so the literal folder's own path may match too, and that lies one folder up.
  const above = below.slice(0, Math.max(below.lastIndexOf("/"), 0));
  const whole = { below: above, folder: undefined, rest: { of: "path" as const, expression: expressionOf(glob) } };
  // Nearly every match is decided by the folder; the whole expression is there for the rest, such as a submodule.
  if (tree !== "") return [{ below, folder: compiled(glob), rest: undefined }, whole];
  const slash = glob.lastIndexOf("/");
  const [folder, last] = [glob.slice(0, Math.max(slash, 0)), glob.slice(slash + 1)];
  // A brace may hold a slash, and `**` the one before it: then the pattern cannot be cut there.
  if (slash === -1 || glob.includes("**") || !isBalanced(folder)) return [whole];
  return [{ below, folder: compiled(folder), rest: { of: "name", expression: compiled(last) } }];
}

/** The folders before the first segment that is not literal. */
function literalFolder(glob: string): string {
  const segments = glob.split("/").slice(0, -1);
  const first = segments.findIndex((segment) => !plain.test(segment));
  return segments.slice(0, first === -1 ? undefined : first).join("/");
}

const count = (text: string, letter: string) => text.split(letter).length;
const isBalanced = (glob: string) =>
  ["{}", "[]", "()"].every(([open = "", close = ""]) => count(glob, open) === count(glob, close));

/**
 * The pattern as one regular expression over whole paths; its named groups are the placeholders. A folder that a placeholder names is matched
 * by what is in it and not by a file of that name.
 */
export function expressionOf(glob: string): RegExp {
  return compiled(glob.includes("<") && glob.endsWith("/**") ? `${glob}/*` : glob);
}

function compiled(glob: string): RegExp {
  const words: string[] = [];
  const marked = glob.replaceAll(/<([a-z][a-z0-9]*)>/g, (_, word: string) => {
    words.push(word);
    return mark(words.length - 1);
  });
  const { source } = picomatch.makeRe(marked, options);
  const named = words.reduce((text, word, index) => text.replace(mark(index), `(?<${word}>${name})`), source);
  // A file's name may hold a line break.
  return new RegExp(named, "s");
}

const mark = (index: number) => `zPLACEHOLDER${index}z`;
