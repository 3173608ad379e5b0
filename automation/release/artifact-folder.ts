import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ExitCode, SlipwayError } from "../errors.ts";
import { sha256 } from "./canonical.ts";
import type { Artifact, Artifacts } from "./manifest.ts";

/** Kinds whose bytes the program itself uploads or declares, so that it needs them as files. */
export const UPLOADED_KINDS = ["functions", "layers", "jobScripts", "modelCode", "processors"] as const;

export type UploadedKind = (typeof UPLOADED_KINDS)[number];

/** An artifact with its bytes on this machine. */
export interface ArtifactFile {
  digest: string;
  /** Absolute path of a file whose content has the digest. */
  path: string;
}

export type ArtifactFiles = Record<UploadedKind, Record<string, ArtifactFile>>;

/** Whether the program uploads artifacts of this kind. */
export const isUploaded = (kind: string): kind is UploadedKind => (UPLOADED_KINDS as readonly string[]).includes(kind);

/** Everything of a release that the program uploads. */
export function uploadedArtifacts(artifacts: Artifacts): { kind: UploadedKind; name: string; artifact: Artifact }[] {
  return UPLOADED_KINDS.flatMap((kind) =>
    Object.entries(artifacts[kind]).map(([name, artifact]) => ({ kind, name, artifact })),
  );
}

/** Bytes of artifacts as files by digest. Any number of processes may share a folder; a file in it is whole or not there. */
export class ArtifactFolder {
  readonly location: string;

  constructor(location: string) {
    this.location = location;
  }

  pathOf(digest: string): string {
    return join(this.location, ...digest.split(":"));
  }

  /** Whether the bytes are there and still have their digest. */
  async holds(digest: string): Promise<boolean> {
    const body = await readFile(this.pathOf(digest)).catch(() => undefined);
    return body !== undefined && `sha256:${sha256(body)}` === digest;
  }

  /** @throws SlipwayError when the disk refuses. */
  async write(digest: string, body: Uint8Array): Promise<void> {
    const path = this.pathOf(digest);
    const pending = `${path}.${randomUUID()}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(pending, body);
      await rename(pending, path);
    } catch (cause) {
      await rm(pending, { force: true }).catch(() => undefined);
      throw new SlipwayError(ExitCode.unexpected, `The bytes of an artifact cannot be written: ${String(cause)}`, {
        where: path,
        next: "make room, or make the folder writable, and run the command again",
        cause,
      });
    }
  }

  /**
   * The files of all artifacts that the program uploads.
   * @throws SlipwayError (not found) that names every artifact whose bytes are missing or have another digest.
   */
  async files(artifacts: Artifacts): Promise<ArtifactFiles> {
    const files: ArtifactFiles = { functions: {}, layers: {}, jobScripts: {}, modelCode: {}, processors: {} };
    const uploaded = uploadedArtifacts(artifacts);
    const held = await Promise.all(uploaded.map(({ artifact }) => this.holds(artifact.digest)));
    const lost = uploaded.filter((_, at) => held[at] !== true);
    if (lost.length > 0) throw this.#without(lost.map(({ kind, name }) => `${kind} ${name}`));
    for (const { kind, name, artifact } of uploaded)
      files[kind][name] = { digest: artifact.digest, path: this.pathOf(artifact.digest) };
    return files;
  }

  #without(names: readonly string[]): SlipwayError {
    return new SlipwayError(ExitCode.notFound, `The bytes of ${names.join(", ")} are missing or damaged.`, {
      where: this.location,
      next: "run the command through ./slipway, which fetches them from the store",
    });
  }
}
