import type { Release } from "../release/manifest.ts";
import { short } from "../report/release.ts";

/** What is deployed: a release, a commit that needs nothing of one, or, with neither, a working tree. */
export interface Subject {
  release?: Release | undefined;
  commit?: string | undefined;
}

/** What a deployment is of, as its records say it. */
export function subjectOf({ release, commit }: Subject): { release?: string; commit?: string } {
  if (release !== undefined) return { release: release.id, commit: release.commit };
  return commit === undefined ? {} : { commit };
}

/** The same for people. */
export function subjectWords({ release, commit }: Subject): string {
  if (release !== undefined) return `release ${short(release.id)}`;
  return commit === undefined ? "a working tree" : `commit ${short(commit)}`;
}
