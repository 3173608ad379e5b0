import { delimiter, dirname, join } from "node:path";
import { homedir } from "node:os";
import { ExitCode, SlipwayError } from "../errors.ts";
import { CLI_NAME, LANGUAGE_HOST_NAME } from "./cli-files.ts";
import { engineVariables, nodeDirectory, type Environment } from "./environment.ts";
import { executable, withInstallLock } from "./install.ts";
import { pinnedVersion } from "./version.ts";

/** The pinned Pulumi CLI, ready to be started. */
export interface PulumiCli {
  path: string;
  /** The folder of the CLI and of its Node language host. */
  directory: string;
  /** The folder of the Node that programs run on; it comes first on the engine's PATH. */
  nodeDirectory: string;
  version: string;
  /** Variables every start of it is given. */
  environment: Readonly<Record<string, string>>;
  /** How often it was started through this object. */
  starts: number;
}

export type Report = (message: string) => void;

export interface LocateOptions {
  /** The checkout: its `node_modules` pins the CLI's version and holds Node, its `toolchain/` can build the CLI. */
  root: string;
  environment: Environment;
  report: Report;
  /** The ways to get a CLI that is not there, in the order they are tried. */
  installers?: readonly Installer[];
  version?: string;
}

/** What an installer is told; it puts `pulumi` and its language hosts into `directory`, or throws. */
export interface InstallRequest {
  version: string;
  directory: string;
  root: string;
  environment: Environment;
  report: Report;
}

export interface Installer {
  name: string;
  /** Resolves to why it cannot be used here, or undefined when the CLI is installed. */
  install(request: InstallRequest): Promise<string | undefined>;
}

/** Loaded when there is something to install, which is once in the life of a version. */
const officialInstallers: readonly Installer[] = [
  {
    name: "the official build",
    install: async (request) => (await import("./download.ts")).downloadOfficial(request),
  },
  {
    name: "a build from toolchain/",
    install: async (request) => (await import("./build.ts")).buildFromSource(request),
  },
];

/** Where Pulumi's own installers keep CLIs side by side. */
export const versionDirectory = (environment: Environment, version: string): string =>
  join(environment["HOME"] ?? homedir(), ".pulumi", "versions", version, "bin");

const complete = (directory: string): boolean =>
  executable(join(directory, CLI_NAME)) && executable(join(directory, LANGUAGE_HOST_NAME));

/**
 * Finds the pinned CLI, or installs it: first where Pulumi keeps versions side by side, then on PATH, then the installers.
 * Throws a SlipwayError (usage) that says what to install when there is no way.
 */
export async function locateCli(options: LocateOptions): Promise<PulumiCli> {
  const version = options.version ?? pinnedVersion();
  const directory = await findOrInstall(options, version);
  return {
    path: join(directory, CLI_NAME),
    directory,
    nodeDirectory: nodeDirectory(options.root),
    version,
    environment: engineVariables(options.root),
    starts: 0,
  };
}

async function findOrInstall(options: LocateOptions, version: string): Promise<string> {
  const found = await findCli({ ...options, version });
  return found ?? (await install(options, version, versionDirectory(options.environment, version)));
}

/** The folder of the pinned CLI where it is installed already; installs nothing. */
export async function findCli(
  options: Pick<LocateOptions, "root" | "environment" | "version">,
): Promise<string | undefined> {
  const version = options.version ?? pinnedVersion();
  const home = versionDirectory(options.environment, version);
  // An installation is put there in one step and never changed, so its folder's name is proof enough of the version.
  return complete(home) ? home : await onPath(options, version);
}

/** The folder of the first `pulumi` on PATH, if it is the pinned one and brings the language host along. */
async function onPath(
  { environment, root }: Pick<LocateOptions, "root" | "environment">,
  version: string,
): Promise<string | undefined> {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const { readVersionCached } = await import("./cli-version.ts");
  for (const folder of folders) {
    // `node_modules/.bin/pulumi` may be the npm package's launcher, which starts some other CLI.
    if (!complete(folder)) continue;
    if ((await readVersionCached(join(folder, CLI_NAME), root)) === version) return folder;
  }
  return undefined;
}

async function install(options: LocateOptions, version: string, directory: string): Promise<string> {
  const { environment, report, root } = options;
  const request: InstallRequest = { version, directory, root, environment, report };
  return withInstallLock(dirname(directory), report, async () => {
    // Somebody else may have installed it while this process waited.
    if (complete(directory)) return directory;
    report(`Pulumi CLI ${version} is not installed; it is set up once in ${directory}.`);
    const refusals: string[] = [];
    for (const installer of options.installers ?? officialInstallers) {
      const refusal = await installer.install(request);
      if (refusal === undefined && complete(directory)) return directory;
      refusals.push(`${installer.name}: ${refusal ?? "it did not contain the CLI and its Node language host"}`);
      report(`No luck with ${refusals.at(-1)}.`);
    }
    throw notInstallable(version, directory, refusals);
  });
}

const notInstallable = (version: string, directory: string, refusals: readonly string[]): SlipwayError =>
  new SlipwayError(ExitCode.usage, `Pulumi CLI ${version} is not installed and could not be: ${refusals.join("; ")}.`, {
    where: directory,
    next: `Install Pulumi ${version} (https://www.pulumi.com/docs/install/versions/) so that "pulumi version" prints v${version}, or install Go (https://go.dev/dl/) and run this again.`,
  });
