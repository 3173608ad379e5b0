/** The parts of a release, one per kind of workload. */
export const ARTIFACT_KINDS = [
  "images",
  "functions",
  "layers",
  "jobScripts",
  "modelCode",
  "processors",
  "frontend",
] as const;

export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/** How the files of an artifact become bytes. */
export type ArtifactFormat = "oci-image" | "zip" | "file";

export interface ArtifactRule {
  kind: ArtifactKind;
  format: ArtifactFormat;
  /** Matches the path of a file that belongs to an artifact of this kind; group `name` names the artifact, `base` is its folder. */
  pattern: RegExp;
  /** A file that must be in the folder for it to be an artifact at all. */
  marker?: string;
  /** Name where the path carries none. */
  name?: string;
  /** Folder inside the archive that the files stand in, with its closing slash. */
  prefix?: string;
  /** Files (path below `base`) that stay behind, beside what stays behind everywhere. */
  leaveOut?: RegExp;
}

/** What people read and try out: code that runs in an environment has no use for either. */
const DOCUMENTATION = /(?:^|\/)README(?:\.\w+)?$|(?:^|\/)samples\//u;

/** The one Python package of the data pipeline: functions get it as a layer, jobs as a library beside their script. */
const LAKEHOUSE = {
  format: "zip",
  pattern: /^(?<base>data\/src\/lakehouse\/)./u,
  name: "lakehouse",
  leaveOut: DOCUMENTATION,
} as const;

/** Which path belongs to which artifact: the whole routing of workloads, as data. */
export const ARTIFACT_RULES: readonly ArtifactRule[] = [
  { kind: "images", format: "oci-image", pattern: /^(?<base>services\/(?<name>[^/]+)\/)./u, marker: "Dockerfile" },
  {
    kind: "images",
    format: "oci-image",
    pattern: /^(?<base>model\/image\/)./u,
    marker: "Dockerfile",
    name: "model",
    leaveOut: DOCUMENTATION,
  },
  {
    kind: "functions",
    format: "zip",
    pattern: /^(?<base>(?:data|model)\/functions\/(?<name>[^/]+)\/)./u,
    leaveOut: DOCUMENTATION,
  },
  { kind: "layers", format: "zip", pattern: /^(?<base>data\/layers\/(?<name>[^/]+)\/)./u, leaveOut: DOCUMENTATION },
  { kind: "layers", prefix: "python/lakehouse/", ...LAKEHOUSE },
  { kind: "jobScripts", prefix: "lakehouse/", ...LAKEHOUSE },
  { kind: "jobScripts", format: "file", pattern: /^(?<base>data\/jobs\/)(?<name>[^/]+)\.py$/u },
  {
    kind: "layers",
    format: "zip",
    pattern: /^(?<base>model\/src\/modelkit\/)./u,
    name: "modelkit",
    prefix: "python/modelkit/",
    leaveOut: DOCUMENTATION,
  },
  {
    kind: "modelCode",
    format: "zip",
    pattern: /^(?<base>model\/src\/)./u,
    name: "model",
    // What functions do with the cloud is no part of training: another function is no other model.
    leaveOut: new RegExp(`${DOCUMENTATION.source}|^modelkit/cloud/`, "u"),
  },
  { kind: "processors", format: "file", pattern: /^(?<base>streams\/processors\/)(?<name>[^/]+)\.json$/u },
  { kind: "frontend", format: "zip", pattern: /^(?<base>frontend\/)./u, name: "frontend" },
];

/** Folders that hold artifacts. */
export const ARTIFACT_ROOTS = [
  "services",
  "data/functions",
  "data/layers",
  "data/jobs",
  "data/src/lakehouse",
  "model/functions",
  "model/image",
  "model/src",
  "streams/processors",
  "frontend",
];

/** The program itself: what decides how artifacts are deployed. The definition of the model pipeline is part of it, and where streams run. */
export const PROGRAM_PATHS = [
  "index.ts",
  "program",
  "config",
  "components",
  "model/pipeline",
  "streams/engine",
  "streams/connections",
  "streams/environments",
  "streams/policies",
  "package-lock.json",
  "Pulumi.yaml",
];

/** Tests and caches never travel to an environment, so they never change a digest either. */
const LEFT_OUT_FOLDERS =
  /(?:^|\/)(?:tests?|__tests__|__pycache__|\.pytest_cache|\.ruff_cache|\.mypy_cache|\.hypothesis|\.venv|node_modules)\//u;
const LEFT_OUT_FILES = /(?:\.pyc|\.pyo|\/\.DS_Store|\/\.gitignore|\/\.gitkeep|\/\.gitattributes)$/u;

/** Whether a file (path below the artifact's folder) is left out of every artifact. */
export function isLeftOut(path: string): boolean {
  return LEFT_OUT_FOLDERS.test(path) || LEFT_OUT_FILES.test(`/${path}`);
}
