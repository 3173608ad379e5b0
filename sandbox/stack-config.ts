import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Salt of Pulumi's passphrase secrets provider for the empty passphrase. Nothing in the sandbox is secret; a fixed salt
 * keeps its state readable by plain `pulumi` without writing anything into a stack file.
 */
export const sandboxSalt = "v1:c2xpcHdheSE=:v1:c2xpcHdheS1zYW5k:dR2vdNIqq3lJuhiw/WufUuSqawf/DA==";

/** Keys that say how a stack file's secrets are encrypted; the sandbox has its own answer to each. */
const secretKeys = /^(encryptionsalt|secretsprovider|encryptedkey):/;

/** A stack file's text with the sandbox's secrets provider in place of its own. */
export function sandboxConfig(stackFile: string): string {
  const kept = stackFile.split("\n").filter((line) => line.trim() !== "" && !secretKeys.test(line));
  return [...kept, `encryptionsalt: ${sandboxSalt}`, ""].join("\n");
}

/**
 * Writes the sandbox's copy of a stack file and returns its path, for `--config-file`. The engine would otherwise write
 * its secrets provider's salt into the tracked file.
 */
export function writeSandboxConfig(directory: string, root: string, stack: string): string {
  const name = `Pulumi.${stack}.yaml`;
  const file = join(directory, "config", name);
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, sandboxConfig(readOrEmpty(join(root, name))));
  renameSync(temporary, file);
  return file;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
