import { ExitCode, SlipwayError } from "../errors.ts";
import type { TreeEntry } from "../git/objects.ts";
import { ARTIFACT_RULES, isLeftOut } from "./artifact-kinds.ts";
import type { ArtifactFormat, ArtifactKind, ArtifactRule } from "./artifact-kinds.ts";

/** An artifact that has been found but not packed. */
export interface ArtifactSource {
  kind: ArtifactKind;
  name: string;
  format: ArtifactFormat;
  /** Folder of the artifact with its closing slash. */
  base: string;
  /** Folder inside the archive that the files go to; empty for its root. */
  prefix: string;
  /** Files with paths relative to `base`, in code-unit order. */
  files: TreeEntry[];
}

/**
 * Finds artifacts by path alone; a file may belong to several. Two folders that claim the same name (`data/jobs/lakehouse.py` and the package
 * of that name are two job scripts called `lakehouse`), and submodules, are a `SlipwayError`.
 */
export function discoverArtifacts(entries: readonly TreeEntry[]): ArtifactSource[] {
  const found = new Map<string, ArtifactSource>();
  const withMarker = new Set<string>();
  for (const entry of entries) {
    for (const rule of ARTIFACT_RULES) {
      const groups = rule.pattern.exec(entry.path)?.groups;
      if (groups === undefined) continue;
      const base = groups["base"] ?? "";
      const name = rule.name ?? groups["name"] ?? "";
      const path = entry.path.slice(base.length);
      const key = `${rule.kind} ${name}`;
      if (rule.marker === undefined || path === rule.marker) withMarker.add(key);
      if (isLeftOut(path) || rule.leaveOut?.test(path)) continue;
      const source = found.get(key) ?? newSource(rule, name, base);
      if (source.base !== base) throw sameName(source, base);
      if (entry.mode === "160000") throw submodule(entry.path);
      source.files.push({ ...entry, path });
      found.set(key, source);
    }
  }
  const artifacts = [...found].filter(([key]) => withMarker.has(key)).map(([, source]) => source);
  for (const source of artifacts) source.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return artifacts;
}

const newSource = ({ kind, format, prefix = "" }: ArtifactRule, name: string, base: string): ArtifactSource => ({
  ...{ kind, name, format, base, prefix },
  files: [],
});

function sameName(source: ArtifactSource, base: string): SlipwayError {
  return new SlipwayError(ExitCode.usage, `Two folders are both the artifact "${source.name}" of ${source.kind}.`, {
    where: `${source.base} and ${base}`,
    next: "rename one of the two folders",
  });
}

function submodule(path: string): SlipwayError {
  return new SlipwayError(
    ExitCode.usage,
    "A submodule cannot be part of an artifact: its content is not in this commit.",
    {
      where: path,
      next: "move the files into the repository, or the submodule out of the workload's folder",
    },
  );
}
