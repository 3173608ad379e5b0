import type { ProcessorOutput } from "../../../config/streams-outputs.ts";
import type { AtlasProcessor } from "../../streams/atlas/types.ts";
import { hasDefinition } from "../../streams/observe/definition.ts";
import type { Wanted } from "./decide.ts";
import { shortDigest, trialName, versionName } from "./names.ts";
import { firstPosition, groupFor, groupOfVersion, placedAt, positionAfter, type Position } from "./position.ts";
import { trialOf, type Definition, type Trial } from "./trial.ts";
import { fillsWindows } from "./windows.ts";

/** What the program says of a processor, as far as a handover goes. */
export type HandoverOutput = Pick<
  ProcessorOutput,
  "pipeline" | "dlq" | "digest" | "tier" | "autoscaling" | "failover" | "state" | "rollout"
>;

/** A processor that nobody can hand over without losing something or doing it twice; nothing was changed. */
export class NotHandedOver extends Error {
  readonly processor: string;

  constructor(processor: string, reason: string) {
    super(reason);
    this.processor = processor;
  }
}

interface Making {
  wanted: Wanted;
  output: HandoverOutput;
  workspace: string;
}

/** Pure: the new version as Atlas gets it, and where it begins, in words. @throws NotHandedOver */
export function versionFor(
  { wanted, output, workspace }: Making,
  leaving: Pick<AtlasProcessor, "text" | "stats"> | undefined,
): Definition & { begins: string } {
  const position = leaving === undefined ? firstPosition : positionAfter(leaving, output.pipeline);
  if ("refused" in position) throw new NotHandedOver(wanted.processor, position.refused);
  const text = placedAt(output.pipeline, position, groupFor(workspace, wanted.processor));
  return { text, dlq: output.dlq, begins: positionText(position) };
}

/** Pure: its trial. @throws NotHandedOver */
export function trialFor({ wanted, output, workspace }: Making, percent: number | undefined): Trial {
  const digest = shortDigest(output.digest);
  const group = groupFor(workspace, wanted.processor);
  const stays = wanted.trial?.name === wanted.version;
  const trial = trialOf({
    ...{ definition: { text: output.pipeline, dlq: output.dlq }, processor: wanted.processor, digest },
    group: stays
      ? groupOfVersion(output.pipeline, group, digest)
      : `${group}-${digest}-${wanted.trial?.role ?? "shadow"}`,
    ...(percent === undefined || stays ? {} : { percent }),
  });
  if ("refused" in trial) throw new NotHandedOver(wanted.processor, trial.refused);
  return trial;
}

/** Pure: where a version begins, in words. */
export function positionText(position: Position): string {
  switch (position.kind) {
    case "resume-token":
      return "after the last change that the version before processed";
    case "consumer-group":
      return `where consumer group ${position.group} stands`;
    case "own":
      return `where its own settings say, as ${position.why}`;
  }
}

/**
 * Pure: what an environment wants of a processor that it hands over; without a `trial` it takes over at once. A version with windows is its own
 * trial: only one that ran beside the version before has them as full.
 */
export function wantedOf(
  processor: string,
  { digest, rollout, state, tier, autoscaling, pipeline }: Omit<HandoverOutput, "dlq" | "failover">,
  trial: boolean,
): Wanted {
  const version = versionName(processor, digest);
  if (trial && fillsWindows(pipeline))
    return {
      ...wantedOf(processor, { digest, rollout, state, tier, autoscaling, pipeline }, false),
      trial: { role: "shadow", name: version },
    };
  const role = rollout === "canary" ? "canary" : "shadow";
  return {
    ...{ processor, version, state },
    // Where Atlas moves it between bounds, a tier is only where that begins.
    tier: autoscaling === undefined ? tier : undefined,
    trial: trial ? { role, name: trialName(version, role) } : undefined,
  };
}

/**
 * Pure: the same where what changed in place until now has the wanted definition already: then that is the version, and nobody has to make it
 * again under another name.
 */
export function adopting(wanted: Wanted, digest: string, seen: readonly AtlasProcessor[]): Wanted {
  const named = (name: string) => seen.find((one) => one.name === name);
  const plain = named(wanted.version) === undefined ? named(wanted.processor) : undefined;
  return plain !== undefined && hasDefinition(plain, digest)
    ? { ...wanted, version: plain.name, trial: undefined }
    : wanted;
}
