import { spawn } from "node:child_process";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { ExitCode, SlipwayError } from "../errors.ts";
import { CLI_NAME, LANGUAGE_HOST_NAME } from "./cli-files.ts";
import type { InstallRequest, Report } from "./cli.ts";
import { putInPlace, temporaryBeside } from "./install.ts";
import { atLeast } from "./version.ts";

/** One Go module of `toolchain/` and what it builds. */
export interface BuildTarget {
  module: string;
  package: string;
  output: string;
  title: string;
  ldflags: string;
}

/** What is stripped by the linker need not be made: without tables for debuggers, a build computes an eighth less. */
export const compilerFlags: readonly string[] = ["-gcflags=all=-dwarf=false"];

export const buildTargets = (version: string): BuildTarget[] => [
  {
    module: "language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    output: `${LANGUAGE_HOST_NAME}-host`,
    title: "Node language host",
    ldflags: "-s -w",
  },
  {
    module: "cli",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    output: CLI_NAME,
    title: `Pulumi CLI ${version}`,
    ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
  },
];

/** The Go version in `go version`'s line, and the one a go.mod asks for. */
export const parseGoVersion = (text: string): string | undefined => /\bgo(\d+\.\d+(?:\.\d+)?)\b/.exec(text)?.[1];
export const requiredGoVersion = (goMod: string): string | undefined =>
  /^go (\d+\.\d+(?:\.\d+)?)\s*$/m.exec(goMod)?.[1];

/** The version of a module that a go.mod requires, without its `v`. */
export const requiredModule = (goMod: string, path: string): string | undefined =>
  goMod
    .split("\n")
    .map((line) =>
      line
        .trim()
        .replace(/^require /, "")
        .split(" "),
    )
    .find(([name]) => name === path)?.[1]
    ?.replace(/^v/, "");

/** Why `toolchain/` cannot build the asked-for version here, or undefined when it can. */
export function refuseBuild(facts: {
  goMod: string;
  goVersionText: string | undefined;
  version: string;
}): string | undefined {
  const { goMod, goVersionText, version } = facts;
  const pinned = requiredModule(goMod, "github.com/pulumi/pulumi/pkg/v3");
  if (pinned !== version) return `toolchain/cli/go.mod is for ${pinned ?? "no version"}, not ${version}`;
  const needed = requiredGoVersion(goMod) ?? "1.21";
  if (goVersionText === undefined) return `Go ${needed} or later is not installed`;
  const found = parseGoVersion(goVersionText);
  if (found === undefined || !atLeast(found, needed))
    return `Go ${needed} or later is needed, found ${found ?? "none"}`;
  return undefined;
}

/** Builds CLI and language host with Go; several minutes, once. */
export async function buildFromSource(request: InstallRequest): Promise<string | undefined> {
  const { root, version, environment, directory, report } = request;
  const goMod = readFileSync(join(root, "toolchain", "cli", "go.mod"), "utf8");
  const goVersionText = await promisify(execFile)("go", ["version"], { env: environment }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
  const refusal = refuseBuild({ goMod, goVersionText, version });
  if (refusal !== undefined) return refusal;
  report(`Building Pulumi ${version} with Go, which takes about ten minutes on two cores, and is done once.`);
  const temporary = temporaryBeside(directory);
  try {
    const targets = buildTargets(version);
    for (const target of targets) await build(target, request, temporary);
    // The host takes as flags what the engine sends in messages; this launcher translates.
    await copyFile(join(root, "toolchain", "language-nodejs", LANGUAGE_HOST_NAME), join(temporary, LANGUAGE_HOST_NAME));
    const names = [...targets.map(({ output }) => output), LANGUAGE_HOST_NAME];
    await putInPlace(temporary, directory, names, CLI_NAME);
    report(`Pulumi CLI ${version} is in ${directory}.`);
    return undefined;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const PROGRESS_MS = 5000;

async function build(
  target: BuildTarget,
  { root, environment, report }: InstallRequest,
  folder: string,
): Promise<void> {
  const args = [
    "build",
    "-v",
    "-mod=readonly",
    ...compilerFlags,
    "-ldflags",
    target.ldflags,
    "-o",
    join(folder, target.output),
    target.package,
  ];
  const child = spawn("go", args, {
    cwd: join(root, "toolchain", target.module),
    env: { ...environment, CGO_ENABLED: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const progress = countPackages(target.title, report);
  const lines = createInterface({ input: child.stderr });
  lines.on("line", progress.line);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(progress.stop);
  if (code !== 0) throw buildFailed(target, progress.last());
}

interface BuildProgress {
  line(text: string): void;
  last(): string[];
  stop(): void;
}

/** `go build -v` names each package as it compiles it; the other lines are its messages. */
function countPackages(title: string, report: Report): BuildProgress {
  const started = Date.now();
  let packages = 0;
  let last: string[] = [];
  const say = () => {
    const seconds = Math.round((Date.now() - started) / 1000);
    report(`Building ${title}: ${packages === 0 ? "fetching modules" : `${packages} packages compiled`}, ${seconds} s`);
  };
  const timer = setInterval(say, PROGRESS_MS);
  return {
    line(text) {
      if (/^[\w.-]+(\/[\w.~@+-]+)*$/.test(text)) packages += 1;
      else last = [...last, text].slice(-10);
    },
    last: () => last,
    stop() {
      clearInterval(timer);
      say();
    },
  };
}

const buildFailed = ({ title, module }: BuildTarget, lines: readonly string[]): SlipwayError =>
  new SlipwayError(ExitCode.unexpected, `Building the ${title} failed:\n${lines.join("\n")}`, {
    where: `toolchain/${module}`,
    changed: "nothing was installed",
    next: "Install the Pulumi CLI by hand (https://www.pulumi.com/docs/install/), or correct what Go says above and run this again.",
  });
