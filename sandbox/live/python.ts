import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createHash } from "node:crypto";

import { cacheFolder } from "./paths.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const checkout = resolve(import.meta.dirname, "../..");
export const requirementsFile = join(checkout, "requirements-sandbox.txt");

/** `name==version` lines of a requirements file; comments, options and markers are left out. */
export function pinsOf(requirements: string): { name: string; version: string }[] {
  return requirements.split("\n").flatMap((line) => {
    const match = /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;#]+)/.exec(line.trim());
    return match === null ? [] : [{ name: normalised(match[1] ?? ""), version: match[2] ?? "" }];
  });
}

/** Folder names of installed distributions, e.g. `PyYAML-6.0.3.dist-info`, that satisfy no pin are ignored. */
export function missingPins(requirements: string, installed: readonly string[]): string[] {
  const present = new Set(
    installed.flatMap((folder) => {
      const match = /^(.+?)-([^-]+)\.dist-info$/.exec(folder);
      return match === null ? [] : [`${normalised(match[1] ?? "")}==${match[2] ?? ""}`];
    }),
  );
  return pinsOf(requirements)
    .map(({ name, version }) => `${name}==${version}`)
    .filter((pin) => !present.has(pin));
}

function normalised(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/** The sandbox's own Python, made once for these requirements. */
export function cachedEnvironment(environment: Environment, requirements: string): string {
  const digest = createHash("sha256").update(requirements).digest("hex").slice(0, 16);
  return join(cacheFolder(environment), "python", digest);
}

/**
 * The Python that runs the emulator and its workloads, when it is there: `SLIPWAY_SANDBOX_PYTHON`, `.venv` of the checkout when it has
 * what the sandbox needs, or the one in the user's cache. Looks at files only.
 */
export function readyPython(environment: Environment): string | undefined {
  const given = environment["SLIPWAY_SANDBOX_PYTHON"];
  if (given) return existsSync(given) ? given : undefined;
  const requirements = readFileSync(requirementsFile, "utf8");
  const venv = join(checkout, ".venv");
  if (missingPins(requirements, distributions(venv)).length === 0) return join(venv, "bin/python");
  const cached = join(cachedEnvironment(environment, requirements), "bin/python");
  return existsSync(cached) ? cached : undefined;
}

function distributions(venv: string): string[] {
  try {
    const [version = ""] = readdirSync(join(venv, "lib")).filter((name) => name.startsWith("python"));
    return readdirSync(join(venv, "lib", version, "site-packages"));
  } catch {
    return [];
  }
}
