import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

/** A fenced block of a page. */
export interface Block {
  /** Page and line, e.g. `docs/services.md:20`. */
  at: string;
  /** Page and the heading above it as GitHub links to it, e.g. `docs/services.md#images`. */
  section: string;
  language: string;
  /** What stands behind the language, e.g. `{ file: "services/hello/Dockerfile" }`. */
  attributes: Readonly<Record<string, string>>;
  text: string;
}

/** The fenced blocks of a page, in their order, without the indentation of a list that they are part of. */
export function blocksOf(page: string, source: string): Block[] {
  const blocks: Block[] = [];
  const lines = source.split("\n");
  let heading = "";
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent = "", fence = "", language = "", rest = ""] =
      /^(\s*)(`{3,})(\w*)\s*(.*)$/u.exec(lines[index] ?? "") ?? [];
    heading = anchorOf(lines[index] ?? "") ?? heading;
    if (fence === "") continue;
    const end = lines.findIndex((line, at) => at > index && line.trim() === fence);
    const inside = lines.slice(index + 1, end).map((line) => line.slice(Math.min(indent.length, line.length)));
    const attributes = Object.fromEntries(
      [...rest.matchAll(/(\w+)=(\S+)/gu)].map(([, key = "", value = ""]) => [key, value]),
    );
    blocks.push({
      ...{ at: `${page}:${index + 1}`, section: `${page}#${heading}`, language, attributes },
      text: inside.map((line) => `${line}\n`).join(""),
    });
    index = end;
  }
  return blocks;
}

/** What a link to a heading ends with, where the line is one. */
function anchorOf(line: string): string | undefined {
  const [, title] = /^#{1,6} (.+)$/u.exec(line) ?? [];
  return title
    ?.toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** Every page that people read, by its path. */
export const pages: readonly string[] = [
  ...["README.md", "CONTRIBUTING.md"],
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`)
    .sort(),
  ...["data/README.md", "model/README.md", "model/functions/README.md"],
];

export const pageBlocks = (page: string): Block[] => blocksOf(page, readFileSync(join(root, page), "utf8"));
