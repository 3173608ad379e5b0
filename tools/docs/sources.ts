import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

/** A TypeScript file of the checkout. */
export interface Source {
  /** Path from the root, with slashes. */
  path: string;
  text: string;
}

/** The TypeScript files below a folder, by their paths. */
export function sourcesBelow(root: string, folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    .sort()
    .map((path) => source(root, path));
}

/** One file. */
export const source = (root: string, path: string): Source => ({ path, text: readFileSync(join(root, path), "utf8") });

/** Files of the checkout that a file imports, by their paths. Types count as much as values, and what is loaded on demand as well. */
export function importsOf({ path, text }: Source): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => posix.join(posix.dirname(path), fileName));
}

/** The syntax of a file. */
export const syntaxOf = ({ path, text }: Source): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/** The JSDoc of a declaration as one paragraph: first its words, then what `@param` and the like say of parts that have no words of their own. */
export function documentation(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).slice(-1);
  const text = ts.getTextOfJSDocComment(doc?.comment) ?? "";
  return text.replaceAll(/\s+/gu, " ").trim();
}
