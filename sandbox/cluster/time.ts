/** What an hour of production takes in the sandbox's clusters: pauses, deadlines and intervals all shrink by it. */
export const hourInMs = 1_000;

/** Says so, for whoever looks at the sandbox. */
export const compressionNote = `an hour of a rollout takes ${hourInMs / 1_000} s`;

/** A duration of production in the sandbox's milliseconds. */
export function compressed(seconds: number): number {
  return (seconds * hourInMs) / 3_600;
}

const units: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1, ms: 0.001 };

/** Seconds of a duration as Kubernetes objects write it: `1h30m`, `10s`, `30` or 30; undefined for anything else. */
export function durationSeconds(value: unknown): number | undefined {
  if (typeof value === "number") return value >= 0 ? value : undefined;
  if (typeof value !== "string" || value === "") return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(value)) return undefined;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
}
