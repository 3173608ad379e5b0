import { createHash } from "node:crypto";
import { glob, readFile } from "node:fs/promises";
import path from "node:path";
import { type Answer, problem, type Question } from "./answer.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

interface StaticFile {
  body: Uint8Array;
  headers: Record<string, string>;
}

/** Files by the path they are asked for under, e.g. `/assets/index-1a2b.js`. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/**
 * Reads a built page whole. Requests are then answered from this map alone, so that no path that a caller makes up can
 * reach the disk. Throws where the folder holds no page.
 */
export async function loadStaticFiles(folder: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  for await (const entry of glob("**/*", { cwd: folder, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const body = await readFile(file);
    files.set(`/${path.relative(folder, file).split(path.sep).join("/")}`, { body, headers: headersOf(file, body) });
  }
  const page = files.get("/index.html");
  if (!page) throw new Error(`there is no page in ${folder}: run \`npm run build\` (vite build) first`);
  return files.set("/", page);
}

function headersOf(file: string, body: Uint8Array): Record<string, string> {
  // Vite puts the hash of the content into the names below assets/: those never change under their name.
  const hashed = path.basename(path.dirname(file)) === "assets";
  return {
    "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
    "cache-control": hashed ? "public, max-age=31536000, immutable" : "no-cache",
    etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`,
  };
}

/** A file, 304 where the caller has it already, 404 for everything else. */
export function answerStatic(files: StaticFiles, question: Question): Answer {
  const file = files.get(question.path);
  if (!file) return problem(404, "there is nothing here");
  if (question.method !== "GET" && question.method !== "HEAD")
    return problem(405, "only GET and HEAD are allowed here", { allow: "GET, HEAD" });
  const known = String(question.headers["if-none-match"] ?? "").split(",");
  const same = known.some((tag) => tag.trim().replace(/^W\//u, "") === file.headers["etag"] || tag.trim() === "*");
  return same
    ? { status: 304, headers: file.headers, body: new Uint8Array() }
    : { status: 200, headers: file.headers, body: file.body };
}
