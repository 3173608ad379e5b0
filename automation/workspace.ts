import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parsePromotionPolicy, type PromotionPolicy } from "../config/promotion.ts";
import type { Context } from "./context.ts";
import { locateCli, type PulumiCli } from "./engine/cli.ts";
import { openSandbox, type SandboxSwitch } from "./engine/sandbox.ts";
import { ExitCode, SlipwayError } from "./errors.ts";
import { initBareRemote } from "./git/remotes.ts";
import { ArtifactFolder } from "./release/artifact-folder.ts";
import type { Release } from "./release/manifest.ts";
import { materialise } from "./release/materialise.ts";
import { DirectoryStore } from "./store/directory.ts";
import { openStore } from "./store/open.ts";
import type { Store } from "./store/store.ts";

/** A checkout and the place its operations happen in: a cloud, or the sandbox. */
export interface Workspace {
  root: string;
  /** Where the driver keeps its own files: `.sandbox` or `.slipway`. */
  directory: string;
  logDirectory: string;
  worktreeDirectory: string;
  /** What the engine and its program see. */
  environment: Record<string, string>;
  /** Stacks this checkout has a `Pulumi.<stack>.yaml` for. */
  stacks: readonly string[];
  policy: PromotionPolicy;
  store: Store;
  sandbox: SandboxSwitch | undefined;
  /** The pinned CLI, found or installed on first use. */
  cli(): Promise<PulumiCli>;
}

export async function openWorkspace(context: Context): Promise<Workspace> {
  const { root } = context;
  const sandbox = context.sandbox ? await openSandbox(root, context.environment) : undefined;
  const directory = sandbox?.directory ?? join(root, ".slipway");
  const environment = { ...definedOnly(context.environment), ...sandbox?.environment };
  let cli: Promise<PulumiCli> | undefined;
  return {
    root,
    directory,
    logDirectory: join(directory, "logs"),
    worktreeDirectory: join(root, sandbox ? ".sandbox" : ".slipway", "worktrees"),
    environment,
    stacks: await stackNames(root),
    policy: await policyFor(root, sandbox),
    // A rehearsal must never write the records of real environments, whatever store is chosen for those.
    store: sandbox
      ? new DirectoryStore(join(directory, "store"))
      : await openStore({ root, environment, directory: join(directory, "store") }),
    sandbox,
    cli: () => (cli ??= locateCli({ root, environment, report: context.console.info })),
  };
}

const definedOnly = (environment: Context["environment"]): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));

async function stackNames(root: string): Promise<string[]> {
  const names = (await readdir(root)).flatMap((file) => /^Pulumi\.([A-Za-z0-9_-]+)\.yaml$/.exec(file)?.[1] ?? []);
  return names.sort();
}

/** In the sandbox tags move on a bare repository of its own, so that nothing of the user's is touched. */
async function policyFor(root: string, sandbox: SandboxSwitch | undefined): Promise<PromotionPolicy> {
  const policy = await readPolicy(root);
  if (sandbox === undefined) return policy;
  const remote = join(sandbox.directory, "origin.git");
  await initBareRemote(remote);
  return { ...policy, remote };
}

async function readPolicy(root: string): Promise<PromotionPolicy> {
  const file = join("config", "promotion.yaml");
  const text = await readFile(join(root, file), "utf8").catch((cause: unknown) => {
    throw new SlipwayError(ExitCode.usage, "The promotion policy cannot be read.", {
      where: file,
      next: `git checkout -- ${file}`,
      cause,
    });
  });
  return parsePromotionPolicy(text, file);
}

/** The stack as named, or an error: a typo must never become a new environment. */
export function knownStack(workspace: Workspace, stack: string | undefined): string {
  if (stack !== undefined && workspace.stacks.includes(stack)) return stack;
  throw new SlipwayError(ExitCode.notFound, `There is no stack "${stack ?? ""}".`, {
    where: `Pulumi.${stack ?? "<stack>"}.yaml`,
    next: `Use one of: ${workspace.stacks.join(", ")}.`,
  });
}

/** Where the program finds the bytes of a release's artifacts, by digest. */
export const artifactFolder = ({ directory }: Pick<Workspace, "directory">): ArtifactFolder =>
  new ArtifactFolder(join(directory, "artifacts"));

/** The release's manifest as a file, which is how the program gets it; the bytes that it uploads are then in `artifactFolder`. */
export async function manifestFile(workspace: Workspace, release: Release): Promise<string> {
  await materialise(workspace.store, release.artifacts, artifactFolder(workspace));
  const folder = join(workspace.directory, "manifests");
  const file = join(folder, `${release.id}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(release));
  return file;
}

/** Every stack in the order releases move through them; those that nothing is promoted to come first. */
export function stacksInOrder({ stacks, policy }: Pick<Workspace, "stacks" | "policy">): string[] {
  const promoted = policy.environments.map(({ name }) => name);
  return [...stacks.filter((stack) => !promoted.includes(stack)), ...promoted];
}
