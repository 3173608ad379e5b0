import type { HandoverResult } from "../deploy/streams/handover.ts";
import type { AtlasPlace } from "../streams/atlas/types.ts";
import type { Console } from "./console.ts";
import { headJson, headLine } from "./streams-status.ts";
import { duration } from "./time.ts";

/** What became of processors that were handed over by hand. */
export interface HandoverReport {
  action: "blue-green" | "canary" | "rollback";
  environment: string;
  place: AtlasPlace;
  simulated: boolean;
  results: readonly HandoverResult[];
}

/** Handovers as JSON. */
export const handoverJson = (report: HandoverReport): Record<string, unknown> => ({
  ...{ action: report.action, ...headJson(report) },
  processors: report.results.map(({ processor, from, to, outcome, seconds, judgement, position }) => ({
    ...{ processor, from, to, outcome, seconds },
    ...{ judgement: judgement ?? null, position: position ?? null },
  })),
});

/** Handovers for people. */
export function handoverText({ colors }: Pick<Console, "colors">, report: HandoverReport): string[] {
  return [
    headLine(report),
    ...report.results.flatMap((result) => [
      `${colors.bold(result.processor)}: ${outcomeOf(result)}`,
      ...(result.judgement?.reasons ?? []).map((reason) => `    ${reason}`),
    ]),
  ];
}

function outcomeOf({ outcome, from, to, judgement, position, seconds }: HandoverResult): string {
  if (outcome === "none") return `${to} is in service already`;
  const verdict = judgement === undefined ? "" : `; compared before: ${judgement.verdict}`;
  const begins = position === undefined ? "" : `; it began ${position}`;
  return `${to} is in service${from === null ? "" : ` instead of ${from}`}, after ${duration(seconds)}${verdict}${begins}`;
}
