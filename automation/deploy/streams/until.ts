import { setTimeout as delay } from "node:timers/promises";
import type { Pace } from "./handover.ts";

/** Asks until something holds, and however late it is once; false where that is too late. */
export async function until(
  run: { late(): boolean },
  { settleMs }: Pick<Pace, "settleMs">,
  holds: () => Promise<boolean>,
): Promise<boolean> {
  do {
    if (await holds()) return true;
    await delay(settleMs);
  } while (!run.late());
  return false;
}
