import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { readStackState } from "../engine/checkpoint.ts";
import { pinnedVersion } from "../engine/version.ts";
import { headCommit } from "../git/commits.ts";
import type { TreeEntry } from "../git/objects.ts";
import { PROGRAM_PATHS } from "../release/artifact-kinds.ts";
import { canonicalJson, sha256, type Json } from "../release/canonical.ts";
import { type Artifacts, type Release, storedDigest } from "../release/manifest.ts";
import { digestOfEntries, packWorkingTree } from "../release/working-tree.ts";
import { plural } from "../report/text.ts";
import type { Workspace } from "../workspace.ts";
import type { PlanInput, PlanInputs } from "./envelope.ts";
import { filesBelow } from "./files.ts";
import { stateDigest } from "./state-digest.ts";

/** What is to be brought up, and from where. */
export interface PlanSubject {
  stack: string;
  /** The checkout or worktree whose program runs. */
  workDir: string;
  /** Absent where the working tree's own workloads are deployed. */
  release?: Release | undefined;
}

/** The part of a workspace that the inputs of a plan are read from. */
export type PlanSource = Pick<Workspace, "environment" | "cli"> & { sandbox: object | undefined };

/** Where CrossGuard packs are. */
const POLICY_PATH = "policy";
/** Driver files that the program packs its workloads with. */
const PACKING_PATHS = ["automation/release", "automation/git", "automation/store"];

/**
 * The eight things that a plan was made from, as they are now. Nothing is started for it but git, and, where the state is not in
 * files, one `pulumi stack export`.
 */
export async function collectInputs(source: PlanSource, subject: PlanSubject): Promise<PlanInputs> {
  const { workDir } = subject;
  const [state, files, config, providers, commit, release] = await Promise.all([
    stateInput(source, subject),
    filesBelow(workDir, [...PROGRAM_PATHS, ...PACKING_PATHS, POLICY_PATH]),
    configInput(subject),
    providersInput(source, workDir),
    commitInput(workDir),
    releaseInput(subject),
  ]);
  const version = pinnedVersion();
  return {
    state,
    program: filesInput(files.filter(({ path }) => !isPolicy(path) && !isConfigData(path))),
    config,
    policy: filesInput(files.filter(({ path }) => isPolicy(path))),
    cli: { digest: sha256(version), says: `Pulumi ${version}` },
    providers,
    commit,
    release,
  };
}

const isPolicy = (path: string): boolean => path.startsWith(`${POLICY_PATH}/`);
/** Data of the driver that lies beside the program's configuration. */
const isConfigData = (path: string): boolean => /^config\/.*\.ya?ml$/.test(path);

const filesInput = (entries: readonly TreeEntry[]): PlanInput => ({
  digest: digestOfEntries(entries).replace(/^sha256:/, ""),
  says: plural(entries.length, "file"),
});

async function stateInput(source: PlanSource, { stack, workDir }: PlanSubject): Promise<PlanInput> {
  const state = await readStackState(source.cli, { stack, workDir, environment: source.environment });
  const unsettled =
    state.pending.length === 0 ? "" : `, ${plural(state.pending.length, "operation")} of unknown outcome`;
  return { digest: stateDigest(state), says: `${plural(state.resources.length, "resource")}${unsettled}` };
}

/** The stack file and the promotion policy by what they say: comments and the order of keys change nothing. */
async function configInput({ stack, workDir }: PlanSubject): Promise<PlanInput> {
  const files = [`Pulumi.${stack}.yaml`, "config/promotion.yaml"];
  const contents = await Promise.all(files.map((file) => readIfThere(join(workDir, file))));
  return { digest: sha256(canonicalJson(contents.map(meaning))), says: files.join(", ") };
}

function meaning(text: string | undefined): Json {
  if (text === undefined) return null;
  const document = parseDocument(text);
  return document.errors.length > 0 ? text : (JSON.parse(JSON.stringify(document.toJS() ?? null)) as Json);
}

/** Versions of the SDKs, each of which asks for the plugin of its own version. */
async function providersInput({ sandbox }: PlanSource, workDir: string): Promise<PlanInput> {
  const manifest = JSON.parse((await readIfThere(join(workDir, "package.json"))) ?? "{}") as Manifest;
  const names = Object.keys(manifest.dependencies ?? {}).filter(
    (name) => name.startsWith("@pulumi/") && !["@pulumi/pulumi", "@pulumi/policy"].includes(name),
  );
  const versions = await Promise.all(names.sort().map(async (name) => [name, await installedVersion(workDir, name)]));
  const says = versions.map(([name = "", version = ""]) => `${name.slice("@pulumi/".length)} ${version}`).join(", ");
  const simulated = sandbox !== undefined;
  return {
    digest: sha256(canonicalJson({ versions, simulated })),
    says: `${says || "none"}${simulated ? " (simulated)" : ""}`,
  };
}

interface Manifest {
  version?: string;
  dependencies?: Record<string, string>;
}

/** A worktree has no `node_modules` of its own: Node finds the checkout's further up, and so does this. */
async function installedVersion(folder: string, name: string): Promise<string> {
  const text = await readIfThere(join(folder, "node_modules", name, "package.json"));
  if (text !== undefined) return (JSON.parse(text) as Manifest).version ?? "unknown";
  const above = dirname(folder);
  return above === folder ? "not installed" : installedVersion(above, name);
}

async function commitInput(workDir: string): Promise<PlanInput> {
  const commit = await headCommit(workDir).catch(() => "none");
  return { digest: sha256(commit), says: commit.slice(0, 12) };
}

/** The artifacts decide: a clean checkout and the release of its commit are the same. */
async function releaseInput({ workDir, release }: PlanSubject): Promise<PlanInput> {
  const artifacts = release?.artifacts ?? (await packWorkingTree(workDir));
  const digests = Object.entries(artifacts).flatMap(([kind, byName]: [string, Artifacts["images"]]) =>
    Object.entries(byName).map(([name, artifact]) => [kind, name, storedDigest(artifact)]),
  );
  return { digest: sha256(canonicalJson(digests.sort())), says: plural(digests.length, "artifact") };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
