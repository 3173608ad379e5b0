import type { Pace } from "./handover.ts";

/** How long a trial is looked at. */
export interface TrialPace {
  /** Between two readings. */
  intervalMs: number;
  /** After which figures count. */
  warmUpMs: number;
  durationMs: number;
  /** Documents that a trial has to have read, and how long it may take until then. */
  leastDocuments: number;
  patienceMs: number;
  /** How much faster events come than their times say, at the least: windows are waited for beside that. */
  eventTimePace: number;
}

export interface StreamsPace extends Pace {
  trial: TrialPace;
  /** Share of the documents that a canary gets. */
  canaryPercent: number;
}

const second = 1000;
const minute = 60 * second;
const canaryPercent = 10;

/** A cloud and, where time runs faster, the sandbox. */
const paces: Readonly<Record<"cloud" | "sandbox", StreamsPace>> = {
  cloud: {
    ...{ pollMs: 10 * second, settleMs: 2 * second, timeoutMs: 180 * minute, canaryPercent },
    trial: {
      ...{ intervalMs: 20 * second, warmUpMs: 2 * minute, durationMs: 12 * minute },
      ...{ leastDocuments: 100, patienceMs: 30 * minute, eventTimePace: 1 },
    },
  },
  sandbox: {
    ...{ pollMs: 50, settleMs: 20, timeoutMs: 5 * minute, canaryPercent },
    trial: {
      ...{ intervalMs: 100, warmUpMs: 300, durationMs: 2 * second },
      ...{ leastDocuments: 20, patienceMs: 10 * second, eventTimePace: 20 },
    },
  },
};

/** How processors are handed over, in a cloud or in the sandbox. */
export const paceFor = (sandbox: boolean): StreamsPace => paces[sandbox ? "sandbox" : "cloud"];
