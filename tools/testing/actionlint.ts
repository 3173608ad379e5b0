import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../sandbox/live/paths.ts";

const execute = promisify(execFile);

/** The program, or why it cannot be had here. */
export type ActionlintState = { program: string; reason?: undefined } | { program?: undefined; reason: string };

const moduleOf = (root: string) => path.join(root, "toolchain", "actionlint");

function programFor(root: string, environment: NodeJS.ProcessEnv): string {
  const goMod = readFileSync(path.join(moduleOf(root), "go.mod"), "utf8");
  const digest = createHash("sha256").update(goMod).digest("hex").slice(0, 12);
  return path.join(cacheFolder(environment), "actionlint", digest, "actionlint");
}

/** Builds actionlint from its Go module, once per version and user; takes half a minute with its download. */
export async function ensureActionlint(root: string, environment: NodeJS.ProcessEnv): Promise<ActionlintState> {
  const program = programFor(root, environment);
  if (existsSync(program)) return { program };
  const fresh = `${program}.${process.pid}`;
  try {
    await mkdir(path.dirname(program), { recursive: true });
    await execute("go", ["build", "-mod=readonly", "-o", fresh, "github.com/rhysd/actionlint/cmd/actionlint"], {
      cwd: moduleOf(root),
      env: { ...environment, CGO_ENABLED: "0" },
    });
    await rename(fresh, program);
    return { program };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      return { reason: "actionlint is built with Go, which is not installed" };
    throw error;
  } finally {
    await rm(fresh, { force: true });
  }
}
