import { createHash } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { posixQuote, pulumiShim } from "./shell.ts";
import { sandboxSalt, writeSandboxConfig } from "./stack-config.ts";

/** Packages whose providers the sandbox stands in for. */
export const simulatedPackages = ["aws", "awsx", "eks", "kubernetes", "mongodbatlas", "github"] as const;

export interface PrepareOptions {
  /** The checkout whose program runs: its Pulumi.yaml names the project, its node_modules hold the SDKs. */
  root: string;
  /** The sandbox's directory; made when missing. */
  directory: string;
  /** Path of the Node executable that runs the plugins. */
  node: string;
}

export interface SandboxWorkspace {
  directory: string;
  /** Variables that point the Pulumi CLI at the sandbox. */
  environment: Record<string, string>;
  /** Makes an empty stack with the sandbox's own secrets provider; false when it exists already. */
  ensureStack(stack: string): Promise<boolean>;
  /**
   * Brings the sandbox's copy of a stack file up to date and returns its path, to be passed as `--config-file`: it
   * carries the sandbox's secrets provider, so that the tracked file stays as it is.
   *
   * @param root Where the stack file is, when that is not the prepared checkout: a worktree of another commit.
   */
  configFile(stack: string, root?: string): Promise<string>;
}

interface Plugin {
  packageName: string;
  version: string;
}

/**
 * Makes the sandbox's directory ready for the engine: state backend, plugin launchers, environment. Doing it again is
 * cheap and changes nothing, so every command does it.
 *
 * @throws SlipwayError when the directory cannot be written or an SDK is not installed.
 */
export function prepareSandbox({ root, directory: wanted, node }: PrepareOptions): Promise<SandboxWorkspace> {
  const directory = resolve(wanted);
  return guarded(directory, () => {
    const plugins = simulatedPackages.map((packageName) => ({
      packageName,
      version: installedVersion(root, packageName),
    }));
    const marker = markerOf(plugins, node);
    if (readIfPresent(join(directory, "prepared")) !== marker) writeLayout(directory, node, plugins, marker);
    const project = projectName(root);
    return {
      directory,
      environment: environmentOf(directory),
      configFile: (stack, from = root) => guarded(directory, () => writeSandboxConfig(directory, from, stack)),
      ensureStack: (stack) => guarded(directory, () => ensureStack(directory, project, stack)),
    };
  });
}

/** The environment variables of a sandbox, whether it is prepared or not. */
export function environmentOf(directory: string): Record<string, string> {
  return {
    SLIPWAY_SANDBOX: "1",
    // There is no registry: images are known by what they would be built from.
    SLIPWAY_IMAGES: "sources",
    SLIPWAY_SANDBOX_DIR: directory,
    PULUMI_HOME: join(directory, "pulumi-home"),
    // Temporary files beside the state, which may be on another file system than the system's temporary folder. No metadata: the
    // engine would overwrite it in place for each state it writes, and when killed there could not read the state any more.
    PULUMI_BACKEND_URL: `file://${join(directory, "state")}?metadata=skip&no_tmp_dir=true`,
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

const providerFile = fileURLToPath(new URL("provider.ts", import.meta.url));
const pulumiVersion = "v3.259.0";

function markerOf(plugins: readonly Plugin[], node: string): string {
  const content = JSON.stringify({ layout: 3, plugins, node, providerFile });
  return createHash("sha256").update(content).digest("hex");
}

function writeLayout(directory: string, node: string, plugins: readonly Plugin[], marker: string): void {
  for (const folder of ["state/.pulumi", "store", "worktrees", "logs"])
    mkdirSync(join(directory, folder), { recursive: true });
  writeWhole(join(directory, "state/.pulumi/meta.yaml"), "version: 1\n");
  mkdirSync(join(directory, "bin"), { recursive: true });
  writeWhole(join(directory, "bin/pulumi"), pulumiShim(), 0o755);
  for (const plugin of plugins) writeLauncher(directory, node, plugin);
  writeWhole(join(directory, "prepared"), marker);
}

function writeLauncher(directory: string, node: string, { packageName, version }: Plugin): void {
  const folder = join(directory, "pulumi-home/plugins", `resource-${packageName}-v${version}`);
  mkdirSync(folder, { recursive: true });
  const words = [node, "--disable-warning=ExperimentalWarning", providerFile, packageName, version, directory].map(
    posixQuote,
  );
  const cache = posixQuote(join(directory, "compile-cache"));
  writeWhole(
    join(folder, `pulumi-resource-${packageName}`),
    // The driver has one cache for the program and its plugins, which load the same SDKs.
    `#!/bin/sh\nNODE_COMPILE_CACHE=\${NODE_COMPILE_CACHE:-${cache}} exec ${words.join(" ")} "$@"\n`,
    0o755,
  );
}

/** Readers see the old file or the new one, never half of either. */
function writeWhole(file: string, content: string, mode = 0o644): void {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, content);
  chmodSync(temporary, mode);
  renameSync(temporary, file);
}

function ensureStack(directory: string, project: string, stack: string): boolean {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(stack)) {
    throw new SlipwayError(
      ExitCode.usage,
      `"${stack}" is no stack name: letters, digits, dots, dashes and underscores only.`,
    );
  }
  const file = join(directory, "state/.pulumi/stacks", project, `${stack}.json`);
  if (readIfPresent(file) !== undefined) return false;
  const magic = createHash("sha256").update(pulumiVersion).digest("hex");
  const manifest = { time: new Date().toISOString(), magic, version: pulumiVersion };
  const latest = { manifest, secrets_providers: { type: "passphrase", state: { salt: sandboxSalt } }, metadata: {} };
  const checkpoint = { version: 3, checkpoint: { stack: `organization/${project}/${stack}`, latest } };
  mkdirSync(dirname(file), { recursive: true });
  return writeNew(file, `${JSON.stringify(checkpoint, null, 4)}\n`);
}

/** False when another process made the file first; its content is then theirs. */
function writeNew(file: string, content: string): boolean {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, content);
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

function projectName(root: string): string {
  const name = /^name:\s*["']?([\w.-]+)/m.exec(readIfPresent(join(root, "Pulumi.yaml")) ?? "")?.[1];
  return name ?? "slipway";
}

function installedVersion(root: string, packageName: string): string {
  const file = join(root, "node_modules/@pulumi", packageName, "package.json");
  const content = readIfPresent(file);
  if (content === undefined) {
    throw new SlipwayError(ExitCode.usage, `The package @pulumi/${packageName} is not installed.`, {
      where: file,
      next: "npm ci",
    });
  }
  return (JSON.parse(content) as { version: string }).version;
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const reasons: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "it may not be written",
  EPERM: "it may not be written",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of its path is a file",
};

async function guarded<T>(directory: string, work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof SlipwayError || typeof code !== "string") throw error;
    throw new SlipwayError(ExitCode.unexpected, `The sandbox cannot be prepared: ${reasons[code] ?? code}.`, {
      where: (error as NodeJS.ErrnoException).path ?? directory,
      next: "Free space or fix the permissions and repeat the command, or set SLIPWAY_SANDBOX_DIR to another directory.",
      cause: error,
    });
  }
}
