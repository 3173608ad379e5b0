import type { Rollout, StreamsOutputs } from "../../../config/streams-outputs.ts";
import { consentState, diffProjects, type ProcessorDiff } from "../../../streams/engine/diff/diff.ts";
import { isLossy } from "../../../streams/engine/diff/upgrade.ts";
import { loadStreams, type StreamProject } from "../../../streams/engine/files/project.ts";
import { plural } from "../../report/text.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { notToBeHandedOver } from "./position.ts";
import { longestWindowMs, windowSpanMs } from "./windows.ts";

/** A change of a processor that must not happen. */
export interface Refusal {
  processor: string;
  reason: string;
  /** What to do about it. */
  next: string;
}

/** What a deployment would do to processors. */
export interface Guarded {
  /** Whether any of them changes at all. */
  changed: boolean;
  refused: Refusal[];
  /** Processors that are changed in place and begin without their checkpoints, as somebody agreed. */
  restart: string[];
}

export interface GuardRequest {
  standing: Pick<StreamsOutputs, "processors">;
  /** Connections of what stands, where they are known. */
  connections: StreamProject["connections"] | undefined;
  wanted: StreamProject;
  /** How a processor is to change. */
  rollout(processor: string): Rollout;
  /** A release is taken back: that it is lossy was known when it was left. */
  back: boolean;
}

/**
 * Pure: holds the processors that stand against those that are wanted. One that is changed in place loses its state only where somebody agreed
 * to exactly that; one that is handed over has to be such that it can be.
 */
export function guard({ standing, connections, wanted, rollout, back }: GuardRequest): Guarded {
  const before = { processors: processorsOf(standing), connections: connections ?? wanted.connections };
  const diffs = diffProjects(before, wanted);
  const inPlace = (name: string) => rollout(name) === "in-place" && standing.processors[name]?.rollout === "in-place";
  const lossy = diffs.filter((diff) => diff.status === "changed" && isLossy(diff.class) && inPlace(diff.processor));
  const agreed = lossy.filter(
    (diff) => back || consentState(diff, wanted.consents.get(diff.processor)?.value) === "given",
  );
  const refused = lossy.filter((diff) => !agreed.includes(diff)).map(lossyRefusal);
  const stuck = diffs.filter(({ status, processor }) => status === "changed" && rollout(processor) !== "in-place");
  return {
    changed: diffs.some(({ status }) => status !== "unchanged"),
    refused: back ? [] : [...refused, ...stuck.flatMap((diff) => stuckRefusal(diff, standing, wanted))],
    restart: agreed.map(({ processor }) => processor),
  };
}

/** What an environment's outputs say of its processors, read as if it stood in files. */
function processorsOf({ processors }: Pick<StreamsOutputs, "processors">): StreamProject["processors"] {
  const files = Object.entries(processors).map(([name, { pipeline, dlq }]) => {
    const options = dlq === undefined ? "" : `,"options":${JSON.stringify({ dlq })}`;
    return [`processors/${name}.json`, `{"pipeline":${pipeline}${options}}`];
  });
  return loadStreams(Object.fromEntries(files) as Record<string, string>).processors;
}

function lossyRefusal({ processor, reasons, from, to, class: of }: ProcessorDiff): Refusal {
  const why = reasons.filter((reason) => isLossy(reason.class)).map(({ message }) => message);
  const consent = { processor, from, to, class: of, reason: "...", by: "..." };
  return {
    processor,
    reason: why.join("; "),
    next: `write streams/consents/${processor}.json: ${JSON.stringify(consent)}`,
  };
}

function stuckRefusal(diff: ProcessorDiff, standing: GuardRequest["standing"], wanted: StreamProject): Refusal[] {
  const { processor } = diff;
  const text = wanted.processors.find(({ name }) => name === processor)?.pipelineText ?? "[]";
  const next = `put "rollout": "in-place" into streams/policies/${processor}.json`;
  const reason = notToBeHandedOver(text);
  if (reason !== undefined) return [{ processor, reason, next }];
  const open = windowSpanMs(standing.processors[processor]?.pipeline ?? "[]") > 0;
  if (!open || windowSpanMs(text) <= longestWindowMs) return [];
  const lossyClass = isLossy(diff.class) ? diff.class : "new-version";
  if (consentState({ ...diff, class: lossyClass }, wanted.consents.get(processor)?.value) === "given") return [];
  const hour = longestWindowMs / 3_600_000;
  const { next: consent } = lossyRefusal({ ...diff, class: lossyClass });
  return [
    {
      processor,
      reason: `its windows are longer than ${hour} hour, and no trial fills them while a deployment waits: those that are open would be lost`,
      next: isLossy(diff.class) ? consent : `${next}, as this change goes on from its checkpoint; or ${consent}`,
    },
  ];
}

/** The error for changes that must not happen; nothing was touched. */
export function guardError(stack: string, refused: readonly Refusal[]): SlipwayError {
  const told = refused.map(({ processor, reason }) => `  ${processor}: ${reason}`).join("\n");
  const ways = refused.map(({ next }) => `  ${next}`).join("\n");
  return new SlipwayError(
    ExitCode.policy,
    `${plural(refused.length, "stream processor")} of ${stack} would lose state that nobody agreed to lose, or cannot change at all:\n${told}`,
    {
      where: refused.map(({ processor }) => `streams/processors/${processor}.json`).join(", "),
      changed: "nothing",
      next: `./slipway streams diff shows the changes. To agree to one, or to let it happen otherwise:\n${ways}`,
    },
  );
}
