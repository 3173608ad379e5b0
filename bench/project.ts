import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { prepareSandbox } from "../sandbox/index.ts";
import type { Command } from "./measure.ts";

export const checkout = path.resolve(import.meta.dirname, "..");

/** A project in a directory of its own, with a sandbox of its own. */
export interface Project {
  root: string;
  sandbox: string;
  /** The raw Pulumi CLI with the very settings that the driver gives it. */
  raw(args: readonly string[], environment?: Record<string, string>): Promise<Command>;
  driver(args: readonly string[], environment?: Record<string, string>): Command;
}

/** Exact version of an installed package. */
async function installedVersion(name: string): Promise<string> {
  const manifest = await readFile(path.join(checkout, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** The pinned CLI where the driver installs it. */
async function pulumi(): Promise<string> {
  const version = await installedVersion("@pulumi/pulumi");
  const installed = path.join(homedir(), ".pulumi", "versions", version, "bin", "pulumi");
  return existsSync(installed) ? installed : "pulumi";
}

/** Points a project at its sandbox and makes its stack. */
export async function openProject(root: string, sandbox: string, stack: string): Promise<Project> {
  const prepared = await prepareSandbox({ root, directory: sandbox, node: process.execPath });
  await prepared.ensureStack(stack);
  const cli = await pulumi();
  const search = [path.dirname(cli), path.join(checkout, "node_modules/.bin"), process.env["PATH"]].join(
    path.delimiter,
  );
  // What an emulator takes to do its work is not what the driver or the engine take.
  const simulated = { SLIPWAY_SANDBOX_LIVE: "off" };
  const environment = { ...process.env, ...prepared.environment, ...simulated, PATH: search, NO_COLOR: "1" };
  return {
    root,
    sandbox,
    async raw(args, extra = {}) {
      const config = ["--stack", stack, "--config-file", await prepared.configFile(stack)];
      return {
        command: cli,
        args: [...args, ...config, "--non-interactive"],
        cwd: root,
        environment: { ...environment, ...extra },
      };
    },
    driver: (args, extra = {}) => ({
      command: process.execPath,
      args: [path.join(checkout, "automation/main.ts"), ...args],
      cwd: root,
      environment: { ...environment, ...extra },
    }),
  };
}

/** Makes a project of `count` independent buckets whose tags follow `BENCH_REVISION`, as a git checkout of one commit. */
export async function generateProject(count: number): Promise<Project> {
  const root = await mkdtemp(path.join(tmpdir(), `slipway-bench-${count}-`));
  await mkdir(path.join(root, "config"));
  await cp(path.join(checkout, "config/promotion.yaml"), path.join(root, "config/promotion.yaml"));
  await symlink(path.join(checkout, "node_modules"), path.join(root, "node_modules"));
  const files = {
    "Pulumi.yaml": await readFile(path.join(checkout, "Pulumi.yaml"), "utf8").then(withoutConfig),
    "Pulumi.dev.yaml": `${await readFile(path.join(checkout, "Pulumi.dev.yaml"), "utf8")}  aws:region: us-east-1\n`,
    "package.json": JSON.stringify({ name: "bench", private: true, type: "module", main: "index.ts" }),
    ".gitignore": "node_modules\n.sandbox/\n",
    "index.ts": program(count, await installedVersion("@pulumi/aws")),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(root, name), content);
  const git = (...args: string[]) => execFileSync("git", ["-C", root, ...args], { stdio: "ignore" });
  git("init", "--initial-branch=main");
  git("add", ".");
  git("-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "--message=bench");
  return openProject(root, path.join(root, ".sandbox"), "dev");
}

/** The program runs as the platform's does; only its settings are its own. */
const withoutConfig = (projectFile: string) => projectFile.replace(/^config:\n(?:[ ].*\n|\n)*/m, "");

/** The SDK of the provider is left out on purpose: loading it would hide the driver's share behind its own. */
function program(count: number, version: string): string {
  return `import * as pulumi from "@pulumi/pulumi";

class Bucket extends pulumi.CustomResource {}

const revision = process.env["BENCH_REVISION"] ?? "0";

export default async function program() {
  for (let index = 0; index < ${count}; index++)
    new Bucket(
      "aws:s3/bucket:Bucket",
      \`bucket-\${index}\`,
      { bucket: \`bench-bucket-\${index}\`, tags: { revision } },
      { version: "${version}" },
    );
  return {
    contract: 1,
    kind: "environment",
    environment: "dev",
    account: "000000000000",
    region: "us-east-1",
    checks: [],
    vpcId: "vpc-0",
    privateSubnetIds: [],
    clusterName: "none",
    clusterEndpoint: "https://127.0.0.1",
    clusterCertificateAuthority: "",
    services: {},
  };
}
`;
}

/** Launchers of two providers of the same package. */
export interface BenchSandbox {
  sandbox: string;
  /** Agrees to everything and keeps nothing. */
  empty: string;
}

/** A sandbox without a project, and beside it the launcher of a provider that does nothing. */
export async function prepareBenchSandbox(directory: string): Promise<BenchSandbox> {
  await prepareSandbox({ root: checkout, directory, node: process.execPath });
  const version = await installedVersion("@pulumi/aws");
  const sandbox = path.join(directory, "pulumi-home/plugins", `resource-aws-v${version}`, "pulumi-resource-aws");
  const empty = path.join(directory, "empty-provider");
  const words = [process.execPath, path.join(import.meta.dirname, "empty-provider.ts")].map((word) => `'${word}'`);
  await writeFile(empty, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
  return { sandbox, empty };
}
