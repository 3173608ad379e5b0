import { join } from "node:path";

import type { Cloud } from "../cloud/cloud.ts";
import { takeFault } from "../cloud/faults.ts";
import { block, list, text } from "../types/build.ts";
import type { Properties } from "../types/type-spec.ts";
import { valueAt } from "../types/path.ts";
import { desiredObjects, type Desired } from "./desired.ts";
import { readFolder, tipOf } from "./git.ts";
import { canonical, imagesOf, keyOf, nameOf, type KubeObject } from "./objects.ts";
import type { Applied, ClusterState } from "./state-file.ts";
import { worst, type Health } from "./status.ts";
import { applicationType } from "./table.ts";

const projectType = "kubernetes:argoproj.io/v1alpha1:AppProject";

/** What the branch of one Application holds, as the latest look at it found. */
export interface Comparison {
  application: Properties;
  /** Commit that was read; undefined where there was none. */
  revision?: string;
  desired: Desired;
}

/** Applications of a cluster that follow a branch with plain manifests. Those of older releases name their images themselves and stay as they are. */
export function branchApplications(cloud: Cloud, cluster: string): Properties[] {
  return cloud
    .list({ account: cluster, type: applicationType })
    .map(({ outputs }) => outputs)
    .filter(followsBranch);
}

export function followsBranch(application: Properties): boolean {
  const source = block(block(application["spec"])["source"]);
  return (
    text(source["path"]) !== undefined &&
    text(source["targetRevision"]) !== undefined &&
    source["kustomize"] === undefined
  );
}

/** Reads the branches again; a commit whose folder was read before is not read twice. */
export class Comparer {
  readonly #cloud: Cloud;
  readonly #repository: string;
  readonly #folders = new Map<string, { commit: string; tree: Awaited<ReturnType<typeof readFolder>> }>();

  constructor(cloud: Cloud, directory: string) {
    this.#cloud = cloud;
    this.#repository = join(directory, "origin.git");
  }

  async compare(cluster: string): Promise<Comparison[]> {
    const applications = branchApplications(this.#cloud, cluster);
    const branches = new Set(applications.map((application) => sourceOf(application).branch));
    const tips = new Map<string, string | undefined>();
    for (const branch of branches) tips.set(branch, await tipOf(this.#repository, branch));
    const projects = this.#cloud.list({ account: cluster, type: projectType }).map(({ outputs }) => outputs);
    return Promise.all(applications.map((application) => this.#one(application, tips, projects)));
  }

  async #one(
    application: Properties,
    tips: ReadonlyMap<string, string | undefined>,
    projects: readonly Properties[],
  ): Promise<Comparison> {
    const { branch, path } = sourceOf(application);
    const commit = tips.get(branch);
    if (commit === undefined) return { application, desired: failed(`unable to resolve '${branch}' to a commit SHA`) };
    const known = this.#folders.get(path);
    const tree = known?.commit === commit ? known.tree : await readFolder(this.#repository, commit, path);
    this.#folders.set(path, { commit, tree });
    if (tree.problem !== undefined) return { application, revision: commit, desired: failed(tree.problem) };
    const wanted = text(block(application["spec"])["project"]);
    const project = projects.find(
      (each) =>
        nameOf(each) === wanted && valueAt(each, "metadata.namespace") === valueAt(application, "metadata.namespace"),
    );
    return { application, revision: commit, desired: desiredObjects(application, project, tree.files) };
  }
}

function failed(message: string): Desired {
  return { objects: [], problem: { type: "ComparisonError", message: `Failed to load target state: ${message}` } };
}

function sourceOf(application: Properties): { branch: string; path: string } {
  const source = block(block(application["spec"])["source"]);
  const branch = (text(source["targetRevision"]) ?? "HEAD").replace(/^refs\/heads\//, "");
  return { branch, path: text(source["path"]) ?? "." };
}

/**
 * What the applied objects become: where the source can be applied and syncs by itself, they are its objects. Pure but for `unhealthy`,
 * asked when an Application gets other objects than before: a fault on updates of Applications strikes here, as the Application itself
 * hardly ever changes.
 */
export function synced(
  state: ClusterState,
  comparisons: readonly Comparison[],
  unhealthy: () => string | undefined = () => undefined,
): ClusterState {
  const applications: Record<string, Applied> = {};
  for (const { application, revision, desired } of comparisons) {
    const name = nameOf(application);
    const before = state.applications[name];
    const automatic = valueAt(application, "spec.syncPolicy.automated");
    if (desired.problem !== undefined || revision === undefined || automatic === undefined) {
      if (before !== undefined) applications[name] = before;
      continue;
    }
    const kept =
      before === undefined || block(automatic)["prune"] === true ? [] : leftOver(before.objects, desired.objects);
    const objects = [...desired.objects, ...kept];
    const same = before !== undefined && canonical(before.objects) === canonical(objects);
    const told = degradedOnRecord(application);
    if (same) {
      const { overcome, ...rest } = before;
      applications[name] = { ...rest, revision, ...(overcome !== undefined && overcome === told ? { overcome } : {}) };
      continue;
    }
    const fault = before === undefined ? undefined : unhealthy();
    const overcome = before === undefined ? undefined : told;
    applications[name] = {
      ...{ revision, objects },
      ...(fault === undefined ? {} : { fault }),
      ...(overcome === undefined ? {} : { overcome }),
    };
  }
  return { ...state, applications };
}

/** What the record says of an Application that a fault, or drift, has degraded. */
function degradedOnRecord(application: Properties): string | undefined {
  const health = block(block(application["status"])["health"]);
  return health["status"] === "Degraded" ? (text(health["message"]) ?? "") : undefined;
}

/** What the next `sandbox fault unhealthy` for an update of an Application says; it strikes once. */
export function takeUnhealthy(cloud: Cloud): string | undefined {
  const fault = takeFault(cloud.database, applicationType, "update", { kind: "unhealthy" });
  return fault && (fault.message || "injected by `slipway sandbox fault`");
}

const leftOver = (before: readonly KubeObject[], after: readonly KubeObject[]) => {
  const keys = new Set(after.map(keyOf));
  return before.filter((object) => !keys.has(keyOf(object)));
};

/** Status of an Application, as Argo CD gives it. */
export function applicationStatus(
  { application, revision, desired }: Comparison,
  applied: Applied | undefined,
  healths: readonly Health[],
): Properties {
  const objects = applied?.objects ?? [];
  const inSync = desired.problem === undefined && canonical(desired.objects) === canonical(objects);
  const unreadable = desired.problem !== undefined && desired.problem.type !== "SyncError";
  const told = degradedOnRecord(application);
  const own: Health =
    applied === undefined
      ? { status: "Missing", message: desired.problem?.message ?? "nothing is applied yet" }
      : worst(healths);
  const fault = applied?.fault ?? (told === applied?.overcome ? undefined : told);
  return {
    health: fault === undefined ? own : { status: "Degraded", message: fault },
    sync: {
      status: unreadable ? "Unknown" : inSync ? "Synced" : "OutOfSync",
      ...(revision === undefined ? {} : { revision }),
    },
    summary: { images: imagesOf(objects) },
    ...(desired.problem === undefined
      ? {}
      : { conditions: [desired.problem, ...list(block(application["status"])["conditions"])] }),
    resources: objects.map((object) => ({ kind: object["kind"], ...pick(block(object["metadata"])) })),
  };
}

const pick = ({ name, namespace }: Properties) => ({ name, namespace });
