import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { ExitCode, SlipwayError } from "../errors.ts";

/** The version of the installed Node SDK, which is the version of the CLI that is asked for: one number, pinned in one place. */
export function pinnedVersion(): string {
  const file = createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json");
  const version = (JSON.parse(readFileSync(file, "utf8")) as { version?: unknown }).version;
  if (typeof version === "string" && /^\d+\.\d+\.\d+/.test(version)) return version;
  throw new SlipwayError(ExitCode.usage, "The installed @pulumi/pulumi has no version.", {
    where: file,
    next: "npm ci",
  });
}

/** Whether version `a` is at least `b`; both are dotted numbers, a missing part is 0. */
export function atLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
