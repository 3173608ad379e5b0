import type { ProcessorOutput, StreamsOutputs } from "../../../config/streams-outputs.ts";
import { suggest } from "../../../config/suggest.ts";
import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import type { StreamProject } from "../../../streams/engine/files/project.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { AtlasProcessor, AtlasStreams } from "../../streams/atlas/types.ts";
import type { Session } from "../session.ts";
import { handoverCancelled, handoverFailed, handoverRefused } from "./errors.ts";
import { handOver, type HandoverOptions, type HandoverResult } from "./handover.ts";
import { ownName } from "./names.ts";
import { recordHandedOver } from "./record.ts";
import type { HandoverRecord } from "./state.ts";

/** Pure: what an environment says of a processor that is handed over by hand. @throws SlipwayError (not found, usage) */
export function handedProcessor(stack: string, { processors }: StreamsOutputs, name: string): ProcessorOutput {
  const output = Object.hasOwn(processors, name) ? processors[name] : undefined;
  if (output === undefined) {
    const known = Object.keys(processors);
    const like = suggest(name, known);
    throw new SlipwayError(ExitCode.notFound, `${stack} has no stream processor ${JSON.stringify(name)}.`, {
      next: like === undefined ? `Use one of: ${known.join(", ") || "none is there"}.` : `did you mean ${like}?`,
    });
  }
  if (output.rollout !== "in-place") return output;
  throw new SlipwayError(ExitCode.usage, `${name} is changed in place in ${stack}: there are no versions of it.`, {
    where: `Pulumi.${stack}.yaml: slipway:streams.rollout`,
    next: `Set it to blue-green and run ./slipway up ${stack}, or change it with ./slipway up ${stack} as it is.`,
  });
}

/** Pure: the same with the definition of a folder of files. @throws SlipwayError (not found) */
export function withFiles(output: ProcessorOutput, { processors }: StreamProject, name: string): ProcessorOutput {
  const file = processors.find((one) => one.name === name);
  if (file === undefined)
    throw new SlipwayError(ExitCode.notFound, `The folder has no processor ${JSON.stringify(name)}.`, {
      where: `processors/${name}.json`,
      next: "./slipway streams lint says what cannot be read.",
    });
  const { pipelineText, dlq } = file;
  const { dlq: _, ...rest } = output;
  const digest = definitionDigest({ pipelineText, dlq });
  return { ...rest, pipeline: pipelineText, digest, ...(dlq === undefined ? {} : { dlq }) };
}

/**
 * Pure: the version to go back to: the one that is named, by its name or the beginning of its digest, or the one that was in service before.
 * @throws SlipwayError (not found)
 */
export function versionToGoBackTo(
  { processor, served }: HandoverRecord,
  seen: readonly AtlasProcessor[],
  asked: string | undefined,
): AtlasProcessor {
  const versions = seen.filter(({ name }) => ownName(processor, name)?.role === "version");
  const current = versions.find(({ state }) => state === "STARTED")?.name ?? served[0]?.name;
  const places = versions.filter(({ name }) => name !== current);
  const matches = places.filter(
    ({ name }) => asked !== undefined && (name === asked || ownName(processor, name)?.digest?.startsWith(asked)),
  );
  const [before] = served.flatMap(({ name }) => places.filter((one) => one.name === name));
  const found = asked === undefined ? before : matches.length === 1 ? matches[0] : undefined;
  if (found !== undefined) return found;
  const message =
    asked === undefined
      ? `There is no earlier version of ${processor} to go back to.`
      : `There ${matches.length > 1 ? "are several versions" : "is no version"} "${asked}" of ${processor} to go back to.`;
  throw new SlipwayError(ExitCode.notFound, message, {
    where: `stream processor ${processor}`,
    next:
      places.length === 0
        ? "Bring an earlier release back with ./slipway rollback <environment>."
        : `Name one with --to: ${places.map(({ name }) => name).join(", ")}.`,
  });
}

/** Hands processors over one after the other, and records each; what did not get there ends it. */
export async function handOverByHand(
  session: Session,
  verb: string,
  client: AtlasStreams,
  all: readonly HandoverOptions[],
): Promise<HandoverResult[]> {
  const results: HandoverResult[] = [];
  for (const options of all) {
    const result = await handOver(client, options).catch((error: unknown) => {
      throw handoverRefused(session.stack, verb, { processors: [options.wanted.processor], error });
    });
    await recordHandedOver(session, undefined, result);
    if (result.outcome === "failed") throw byHand(session.stack, verb, handoverFailed(session.stack, result));
    if (result.outcome === "cancelled") throw handoverCancelled(session.stack, verb, result);
    results.push(result);
  }
  return results;
}

/** Nothing was deployed: what stands is what stood. */
const byHand = (stack: string, verb: string, error: SlipwayError): SlipwayError =>
  new SlipwayError(error.code, error.message.replace(`${stack} is deployed, but `, ""), {
    ...(error.where === undefined ? {} : { where: error.where }),
    changed: (error.changed ?? "").replace(`${stack} has its new infrastructure; `, ""),
    next: `Look at it with ./slipway streams status ${stack}, mend it, then ./slipway ${verb} ${stack} again.`,
  });
