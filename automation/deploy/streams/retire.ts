import { assertStillHolding } from "../../lease/holding.ts";
import type { AtlasProcessor, AtlasStreams } from "../../streams/atlas/types.ts";
import { versionedName } from "./names.ts";

/** What is left of processors that are not handed over any more. */
export interface Retired {
  stop: string[];
  remove: string[];
}

/**
 * Pure: versions of processors that the environment does not hand over any more, because they are gone or are changed in place now. Those
 * that run are stopped and stay for a way back; trials go. Only processors that the driver handed over once are looked at.
 */
export function retired(seen: readonly AtlasProcessor[], handed: readonly string[], known: readonly string[]): Retired {
  const own = seen.flatMap(({ name, state }) => {
    const version = versionedName(name);
    if (version === undefined || handed.includes(version.processor) || !known.includes(version.processor)) return [];
    return [{ name, state, role: version.role }];
  });
  return {
    stop: own.filter(({ role, state }) => role === "version" && state === "STARTED").map(({ name }) => name),
    remove: own.filter(({ role }) => role !== "version").map(({ name }) => name),
  };
}

/** Takes them out of service. */
export async function retire(client: AtlasStreams, { stop, remove }: Retired, say: (line: string) => void) {
  for (const name of stop) {
    assertStillHolding();
    say(`${name} is stopped: its processor is not handed over here any more`);
    await client.stopProcessor(name);
  }
  for (const name of remove) {
    assertStillHolding();
    say(`${name} is deleted`);
    await client.deleteProcessor(name);
  }
}
