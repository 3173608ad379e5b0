import { glob } from "node:fs/promises";
import path from "node:path";
import { run } from "./process.ts";
import type { SuiteContext, SuiteResult } from "./suite.ts";

/** Folders under `test/` whose tests start servers or the real engine; each is a suite of its own. */
export const slowFolders = ["kubernetes", "engine", "sandbox", "bootstrap", "e2e"] as const;

const child = path.join(import.meta.dirname, "mocha-child.ts");

/** Test files of a folder under `test/`, or of all the fast ones, in code-point order. */
export async function testFiles(root: string, folder?: string): Promise<string[]> {
  const files = await Array.fromAsync(glob("test/**/*.test.ts", { cwd: root }));
  const posix = files.map((file) => file.split(path.sep).join("/")).sort();
  if (folder !== undefined) return posix.filter((file) => file.startsWith(`test/${folder}/`));
  return posix.filter((file) => !slowFolders.some((slow) => file.startsWith(`test/${slow}/`)));
}

/** Runs test files one after the other in one process. */
export async function runMocha(files: readonly string[], timeout: number, context: SuiteContext): Promise<SuiteResult> {
  const ended = await run(process.execPath, [child, String(timeout), ...files], context);
  if (isResult(ended.message)) return ended.message;
  throw new Error(`the test process ended without a result (${ended.signal ?? `exit code ${ended.code}`})`);
}

function isResult(message: unknown): message is SuiteResult {
  return typeof message === "object" && message !== null && "passed" in message && "failed" in message;
}
