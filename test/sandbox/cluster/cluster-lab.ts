import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pack } from "tar-stream";

import { Cloud } from "../../../sandbox/cloud/cloud.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";

export const branch = "manifests/dev";
export const clusterName = "slipway-dev";
export const namespace = "services";

/** A sandbox directory with an origin, a store and a record of Applications, without an engine. */
export interface ClusterLab {
  directory: string;
  cloud: Cloud;
  /** Makes the branch hold exactly these files; returns the commit. */
  commit(files: Readonly<Record<string, unknown>>): string;
  /** Puts an image into the store; returns it by its digest. */
  image(files: Readonly<Record<string, string>>): Promise<string>;
  /** Records an Application for a service, and the project of all. */
  application(service: string, changes?: Properties): void;
  close(): void;
}

export function openClusterLab(): ClusterLab {
  const directory = mkdtempSync(join(tmpdir(), "slipway-cluster-"));
  const cloud = new Cloud(directory);
  const repository = join(directory, "origin.git");
  execFileSync("git", ["init", "--quiet", "--bare", repository]);
  record(cloud, "AppProject", "services", projectSpec());
  return {
    directory,
    cloud,
    commit: (files) => commit(repository, files),
    image: (files) => putImage(directory, files),
    application: (service, changes = {}) =>
      record(cloud, "Application", service, { ...applicationSpec(service), ...changes }),
    close: () => {
      cloud.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function projectSpec(): Properties {
  const kinds = [
    ["", "Service"],
    ["", "ConfigMap"],
    ["apps", "Deployment"],
    ["argoproj.io", "Rollout"],
    ["argoproj.io", "AnalysisTemplate"],
  ];
  return {
    sourceRepos: ["https://github.com/slipway/slipway.git"],
    destinations: [{ server: "https://kubernetes.default.svc", namespace }],
    clusterResourceWhitelist: [],
    namespaceResourceWhitelist: kinds.map(([group, kind]) => ({ group, kind })),
  };
}

export function applicationSpec(service: string): Properties {
  return {
    project: "services",
    source: { repoURL: "https://github.com/slipway/slipway.git", targetRevision: branch, path: service },
    destination: { server: "https://kubernetes.default.svc", namespace },
    syncPolicy: { automated: { prune: true, selfHeal: true } },
  };
}

function record(cloud: Cloud, kind: string, name: string, spec: Properties): void {
  const object = { apiVersion: "argoproj.io/v1alpha1", kind, metadata: { name, namespace: "argocd" }, spec };
  const type = `kubernetes:argoproj.io/v1alpha1:${kind}`;
  const status = { health: { status: "Healthy" } };
  cloud.insert(
    { account: clusterName, region: "", type, id: `argocd/${name}` },
    {
      urn: `urn:pulumi:dev::slipway::${type}::${name}`,
      inputs: object,
      outputs: kind === "Application" ? { ...object, status } : object,
      uniqueKey: `argocd/${name}`,
      handles: [],
      salt: 0,
      echoed: false,
      createdAt: new Date(0).toISOString(),
    },
  );
}

function commit(repository: string, files: Readonly<Record<string, unknown>>): string {
  const git = (words: string[], input = "", environment = {}) =>
    execFileSync("git", ["--git-dir", repository, ...words], {
      input,
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        GIT_AUTHOR_NAME: "t",
        GIT_AUTHOR_EMAIL: "t@t",
        GIT_COMMITTER_NAME: "t",
        GIT_COMMITTER_EMAIL: "t@t",
        ...environment,
      },
    }).trim();
  const index = { GIT_INDEX_FILE: join(repository, `index-${Date.now()}-${Math.random()}`) };
  const lines = Object.entries(files).map(([path, content]) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    return `100644 ${git(["hash-object", "-w", "--stdin"], text)}\t${path}`;
  });
  git(["update-index", "--index-info"], `${lines.join("\n")}\n`, index);
  const made = git(["commit-tree", git(["write-tree"], "", index), "-m", "test"]);
  git(["update-ref", `refs/heads/${branch}`, made]);
  return made;
}

/** One entry of an image's layer. */
export interface Entry {
  name: string;
  type?: "file" | "symlink" | "link" | "directory";
  linkname?: string;
  content?: string;
}

/** A tar of entries as they are given, in the form of the release's images. */
export async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = "", ...header } of entries)
    archive.entry({ mtime: new Date(0), mode: 0o644, ...header }, content);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

async function putImage(directory: string, files: Readonly<Record<string, string>>): Promise<string> {
  return putLayer(directory, await tarOf(Object.entries(files).map(([name, content]) => ({ name, content }))));
}

/** Puts an image with this layer into the store. */
export function putLayer(directory: string, layer: Buffer): string {
  const put = (content: Buffer) => {
    const hex = createHash("sha256").update(content).digest("hex");
    const file = join(directory, "store/artifacts/sha256", hex);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return `sha256:${hex}`;
  };
  const manifest = { schemaVersion: 2, layers: [{ digest: put(layer), size: layer.byteLength }] };
  return `000000000000.dkr.ecr.us-east-1.amazonaws.com/lab@${put(Buffer.from(JSON.stringify(manifest)))}`;
}

/** Waits for the thing itself. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`gave up waiting: ${what}`);
    await wait(20);
  }
}
