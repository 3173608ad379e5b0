import type { ProcessorOutput, StreamsOutputs } from "../../config/streams-outputs.ts";
import { definitionDigest } from "../../streams/engine/diff/digest.ts";
import { definitionsOf } from "../deploy/streams/position.ts";
import { ownName, versionName } from "../deploy/streams/names.ts";
import type { AtlasEvent, AtlasProcessor } from "../streams/atlas/types.ts";
import type { DriftFinding, LastEvent, ShownDifference } from "./findings.ts";
import { pipelineDifferences } from "./pipelines.ts";

/** What a processor of Atlas is called among the resources of a stack. */
export const processorType = "atlas:streamProcessor";

const subject = (name: string) => ({ urn: `${processorType}:${name}`, type: processorType, name });

const running = new Set(["STARTED", "PROVISIONING", "INIT", "CREATING"]);

/**
 * Pure: what of an environment's processors is not as its last deployment left it, as far as no engine looks at it: versions that the driver
 * hands over, whatever runs beside them, and processors that nobody declared. Counts, effective tiers and the order of keys are no drift.
 */
export function streamsFindings(
  { processors }: Pick<StreamsOutputs, "processors">,
  there: readonly AtlasProcessor[],
  events: readonly AtlasEvent[],
): DriftFinding[] {
  const seen = there.filter(({ state }) => state !== "DROPPED");
  const findings = Object.entries(processors).flatMap(([name, output]) => ofProcessor(name, output, seen));
  const known = (one: AtlasProcessor) => Object.keys(processors).some((name) => ownName(name, one.name) !== undefined);
  const strangers = seen.filter((one) => !known(one)).map(({ name, state }): DriftFinding => unknown(name, state));
  return [...findings, ...strangers].map((finding) => withLast(finding, events));
}

const unknown = (name: string, state: string): DriftFinding => ({
  ...{ class: "unknown-outside", ...subject(name), id: state },
});

function ofProcessor(name: string, output: ProcessorOutput, seen: readonly AtlasProcessor[]): DriftFinding[] {
  const inPlace = output.rollout === "in-place";
  const wanted = inPlace ? name : versionName(name, output.digest);
  const own = seen.flatMap((one) => {
    const named = ownName(name, one.name);
    return named === undefined || one.name === wanted ? [] : [{ ...one, role: named.role }];
  });
  const version = seen.find((one) => one.name === wanted);
  const findings: DriftFinding[] = [];
  // What changes in place is the engine's: its refresh says what is wrong with it.
  if (!inPlace && version === undefined) findings.push({ class: "missing-outside", ...subject(wanted), id: wanted });
  const properties = inPlace || version === undefined ? [] : versionDifferences(output, version);
  if (properties.length > 0) findings.push({ class: "changed-outside", ...subject(wanted), properties });
  for (const { name: other, state, role } of own) {
    if (role !== "version") findings.push(unknown(other, state));
    else if (running.has(state))
      findings.push({
        ...{ class: "changed-outside", ...subject(other) },
        properties: [{ path: "state", recorded: "STOPPED", found: state }],
      });
  }
  return findings;
}

function versionDifferences(output: ProcessorOutput, now: AtlasProcessor): ShownDifference[] {
  const { state, tier, dlq } = output;
  return [
    ...differing("state", state, stateOf(now, state)),
    ...differing("tier", tier, tier === undefined ? undefined : now.tier),
    ...definitionDifferences(output, now),
    ...differing("dlq", shownQueue(dlq), shownQueue(now.dlq)),
  ];
}

/** A state on the way to the wanted one is that; what Atlas says of a failure is part of the state. */
function stateOf({ state, errorMsg }: AtlasProcessor, wanted: ProcessorOutput["state"]): string {
  if (wanted === "STARTED" && running.has(state)) return wanted;
  // What never ran is not more stopped than what was.
  if (wanted !== "STARTED" && (state === "STOPPED" || state === "CREATED")) return wanted;
  return state === "FAILED" && errorMsg !== undefined ? `FAILED: ${errorMsg}` : state;
}

/** A handover writes into a source where to begin: that is no other definition. */
export function definitionDifferences(
  { digest, pipeline, dlq }: ProcessorOutput,
  now: AtlasProcessor,
): ShownDifference[] {
  const candidates = definitionsOf(now.text);
  if (candidates.some((text) => definitionDigest({ pipelineText: text, dlq }) === digest)) return [];
  const all = candidates.map((text) => pipelineDifferences(pipeline, text));
  // Of the definitions that it may have come from, the nearest says what was changed.
  return all.sort((a, b) => a.length - b.length)[0] ?? [];
}

const differing = (path: string, recorded: string | undefined, found: string | undefined): ShownDifference[] =>
  recorded === found ? [] : [{ path, recorded, found }];

const shownQueue = (dlq: ProcessorOutput["dlq"]): string | undefined =>
  dlq === undefined ? undefined : `${dlq.connectionName}.${dlq.db}.${dlq.coll}`;

/** The last that the project's activity feed says of a processor, as far as it does. */
function withLast(finding: DriftFinding, events: readonly AtlasEvent[]): DriftFinding {
  const own = events.filter(({ raw }) => raw["processorName"] === finding.name);
  const last = own.reduce<AtlasEvent | undefined>((a, b) => (a === undefined || b.at > a.at ? b : a), undefined);
  if (last === undefined) return finding;
  const said: LastEvent = { event: last.type, at: last.at, by: last.by ?? null };
  return { ...finding, last: said };
}
