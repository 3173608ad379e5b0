import type { Holder } from "../../automation/lease/document.ts";
import { thisProcess } from "../../automation/lease/machine.ts";

/** A holder that is this very process. */
export const holderNamed = (who: string): Holder => ({
  ...{ who, verb: "up", ...thisProcess(), startedAt: "2026-05-01T00:00:00.000Z" },
});

/** A clock that a test moves. */
export interface HandClock {
  wall(): number;
  monotonic(): number;
  /** Lets time pass on both. */
  pass(milliseconds: number): void;
  /** Sets the wall clock only. */
  setWall(milliseconds: number): void;
}

export function handClock(start = Date.parse("2026-05-01T00:00:00.000Z")): HandClock {
  let wall = start;
  let monotonic = 0;
  return {
    wall: () => wall,
    monotonic: () => monotonic,
    pass(milliseconds) {
      wall += milliseconds;
      monotonic += milliseconds;
    },
    setWall: (milliseconds) => (wall = milliseconds),
  };
}
