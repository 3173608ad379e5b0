import type { StackOutputs } from "../../../config/outputs.ts";
import type { ProcessorOutput, StreamsOutputs } from "../../../config/streams-outputs.ts";
import type { AtlasProcessor, AtlasStreams } from "../../streams/atlas/types.ts";
import { clientFor } from "../../streams/place.ts";
import type { DeployRequest, Session } from "../session.ts";
import { type HandoverOptions, type HandoverResult, handOver, look } from "./handover.ts";
import { judgeOf } from "./judge.ts";
import { adopting, wantedOf } from "./making.ts";
import { type StreamsPace, paceFor } from "./pace.ts";
import { recordHandedOver, recordLost, recordRefused } from "./record.ts";
import { type Retired, retire, retired } from "./retire.ts";
import { handoverRecords } from "./state.ts";

/** Stream processors of a stack between engine and verification. */
export interface Handovers {
  /** Whether any version has to change. */
  due: boolean;
  /** Hands over what has to be, and records it. Throws what a person should read. */
  handOver(): Promise<void>;
}

export type OpenClient = (session: Session, outputs: StreamsOutputs) => AtlasStreams;

/** What tests have of their own. */
export interface HandoverTools {
  open?: OpenClient;
  pace?: StreamsPace;
}

const nothing: Handovers = { due: false, handOver: async () => {} };

/**
 * Looks which versions of the stack's processors are in service. What changes in place is the engine's; what is handed over from version to
 * version is nobody's but the driver's: it makes the new one beside what runs, compares both, and puts it in its place; at once where a
 * release is taken back.
 */
export async function openHandovers(
  session: Session,
  request: DeployRequest,
  outputs: StackOutputs,
  { open = openClient, pace = paceFor(session.workspace.sandbox !== undefined) }: HandoverTools = {},
): Promise<Handovers> {
  const streams = outputs.kind === "environment" ? outputs.streams : undefined;
  if (streams === undefined) return nothing;
  const records = handoverRecords(session.workspace.store, outputs.environment);
  const known = await records.known();
  const handed = Object.entries(streams.processors).filter(([, { rollout }]) => rollout !== "in-place");
  if (handed.length === 0 && known.length === 0) return nothing;
  const names = [...new Set([...handed.map(([name]) => name), ...known])];
  try {
    const client = open(session, streams);
    const trial = request.verb !== "rollback";
    const seen = await client.processors();
    const all = handed.map(([name, output]) =>
      optionsFor(session, client, { name, output, trial, records, seen }, pace),
    );
    const due: HandoverOptions[] = [];
    for (const options of all) if (isDue(await look({ processors: async () => seen }, options))) due.push(options);
    const gone = retired(
      seen,
      handed.map(([name]) => name),
      known,
    );
    return {
      due: due.length > 0 || gone.stop.length > 0 || gone.remove.length > 0,
      handOver: () => handOverAll(session, request, { client, due, gone, names }),
    };
  } catch (error) {
    throw await recordRefused(session, request, { processors: names, error, seconds: 0 });
  }
}

/** Old versions that go are no reason to record a deployment. */
const isDue = ({ step }: Awaited<ReturnType<typeof look>>): boolean =>
  step.do !== "nothing" && !(step.do === "delete" && step.why === "old");

/** Atlas as the environment reaches it. */
export const openClient: OpenClient = ({ context, workspace, stack }, place) =>
  clientFor(context, workspace, stack, place);

interface Subject {
  name: string;
  output: ProcessorOutput;
  trial: boolean;
  records: HandoverOptions["records"];
  /** Everything of the workspace. */
  seen: readonly AtlasProcessor[];
}

/** How one processor of a stack is handed over. */
export function optionsFor(
  { context }: Pick<Session, "context">,
  client: AtlasStreams,
  { name, output, trial, records, seen }: Subject,
  pace: StreamsPace,
): HandoverOptions {
  const { colors, info } = context.console;
  const say = (line: string) => info(colors.dim(`  .. ${line}`));
  const percent = output.rollout === "canary" ? pace.canaryPercent : undefined;
  const subject = { expect: output.expect, thresholds: output.thresholds, percent };
  return {
    ...{
      wanted: adopting(wantedOf(name, output, trial), output.digest, seen),
      output,
      records,
      percent,
      pace,
      say,
      now: context.now,
    },
    signal: context.signal,
    judge: judgeOf(client, subject, { pace, say, signal: context.signal }),
  };
}

interface Due {
  client: AtlasStreams;
  due: readonly HandoverOptions[];
  gone: Retired;
  names: readonly string[];
}

/** Hands processors over at the same time; where one does not get there, trials of the others are ended as well. */
async function handOverAll(session: Session, request: DeployRequest, { client, due, gone, names }: Due): Promise<void> {
  const { context, workspace } = session;
  if (due.length > 0 && workspace.sandbox !== undefined)
    context.console.info("processors are handed over in an Atlas that is simulated, as is its time");
  const begun = performance.now();
  const others = new AbortController();
  const signal = AbortSignal.any([context.signal, others.signal]);
  const ends = await Promise.allSettled(
    due.map(async (options) => {
      const ended = handOver(client, { ...options, signal });
      const stopOthers = () => others.abort();
      ended.then(({ outcome }) => (outcome === "failed" ? stopOthers() : undefined), stopOthers);
      return await ended;
    }),
  );
  const results = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  for (const result of results) await recordHandedOver(session, request.release?.id, result);
  const seconds = Math.round(performance.now() - begun) / 1000;
  const refused = ends.find((end) => end.status === "rejected");
  const refuse = (error: unknown) => recordRefused(session, request, { processors: names, error, seconds });
  if (refused !== undefined) throw await refuse(refused.reason);
  const lost = firstLost(results);
  if (lost !== undefined) throw await recordLost(session, request, lost);
  await retire(client, gone, context.console.info).catch(async (error: unknown) => {
    throw await refuse(error);
  });
}

/** What failed comes before what was only ended because of that. */
function firstLost(results: readonly HandoverResult[]) {
  const lost = results.flatMap((result) =>
    result.outcome === "failed" || result.outcome === "cancelled" ? [result] : [],
  );
  return lost.find(({ outcome }) => outcome === "failed") ?? lost[0];
}
