import { setTimeout as pause } from "node:timers/promises";

const deadlineMs = 60_000;

/** A path with every further round of wait, look and decide left out. */
export function firstLooks(entered: readonly string[]): string[] {
  return entered.filter((name, at) => {
    const round = entered.slice(Math.max(0, at - 3), at);
    return !(/(Wait|Status|Result)$/.test(name) && round.includes(name));
  });
}

/** What `look` finds, once it finds something. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(50);
  }
  throw new Error("it did not happen in time");
}
