import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Values of the variables that connections of a folder of streams name and nobody set: `sandbox-<NAME>`, so that an environment can be made
 * where no credentials are at hand, and shows what would have stood there.
 */
export function missingStreamVariables(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const texts = connectionFiles(join(folder, "connections")).map((file) => readFileSync(file, "utf8"));
  const named = texts.flatMap((text) => [...text.matchAll(/\$\{([A-Za-z_]\w*)\}/g)].map(([, name = ""]) => name));
  const missing = [...new Set(named)].filter((name) => !environment[name]).sort();
  return Object.fromEntries(missing.map((name) => [name, `sandbox-${name}`]));
}

function connectionFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
