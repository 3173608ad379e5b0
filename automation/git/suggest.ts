import { distance } from "fastest-levenshtein";

/** The candidate that a person most likely meant, if any is near enough to be worth naming. */
export function closest(typed: string, candidates: readonly string[]): string | undefined {
  const reach = Math.max(1, Math.floor(typed.length / 3));
  const ranked = candidates
    .map((name) => ({ name, distance: distance(typed.toLowerCase(), name.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= reach)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return ranked[0]?.name;
}
