import type { Release } from "../release/manifest.ts";

/** Ids and digests as people quote them. */
export const short = (id: string) => id.replace(/^sha256:/, "").slice(0, 12);

/** One line a kind of artifact, then each artifact with its digest. */
export function releaseLines(release: Release, built: boolean): string[] {
  const lines = [`release ${short(release.id)} of commit ${short(release.commit)}${built ? "" : " (already built)"}`];
  for (const [kind, artifacts] of Object.entries(release.artifacts))
    for (const [name, artifact] of Object.entries(artifacts))
      lines.push(`  ${kind} ${name}  ${artifact.digest}  ${artifact.size} bytes`);
  return lines;
}
