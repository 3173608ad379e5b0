import type { Check } from "../../../config/outputs.ts";
import { versionName } from "../../deploy/streams/names.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { AtlasProcessor } from "../../streams/atlas/types.ts";
import { hasDefinition } from "../../streams/observe/definition.ts";
import { wilsonLower } from "../../streams/observe/statistics.ts";
import type { CheckKind, Probe, ProbeContext } from "../check-kind.ts";

type ProcessorCheck = Extract<Check, { kind: "stream-processor" }>;

/** Documents that were read, and those of them that went to the dead letter queue. */
export interface Counts {
  input: number;
  dlq: number;
}

/**
 * Pure: what a processor in Atlas means. Pauses are waited for: where Atlas moves a processor to another tier it stops it and starts it again.
 *
 * @param since What was counted when this check was asked first; what came before a deployment is no fault of it.
 */
export function judgeProcessor(check: ProcessorCheck, there: AtlasProcessor, since: Counts | undefined): Probe {
  const { name, state, errorMsg } = there;
  if (state === "FAILED" || state === "DROPPED")
    return { state: "failed", detail: `${name} is ${state}: ${errorMsg ?? "Atlas gives no reason"}` };
  if (!hasDefinition(there, check.digest))
    return { state: "failed", detail: `${name} is ${state} with another definition than was deployed` };
  if (!isWanted(check.state, state))
    return { state: "pending", detail: `${name} is ${state}, expected ${check.state}` };
  const letters = check.dlqRate === undefined ? undefined : judgeDeadLetters(check.dlqRate, there, since);
  return letters ?? { state: "passed", detail: `${name} is ${state} with the definition that was deployed` };
}

/** One that is only made and one that was stopped are the same to whoever wants it not to run. */
function isWanted(wanted: ProcessorCheck["state"], state: string): boolean {
  return wanted === "STARTED" ? state === "STARTED" : state === "STOPPED" || state === "CREATED";
}

/** Undefined where the dead letter queue does not grow faster than it may. */
function judgeDeadLetters(limit: number, { name, stats }: AtlasProcessor, since: Counts | undefined) {
  const now = countsOf(stats);
  if (since === undefined) return { state: "pending" as const, detail: `${name}: dead letters are counted from here` };
  // Counts that fell begin anew.
  const before = now.input < since.input || now.dlq < since.dlq ? { input: 0, dlq: 0 } : since;
  const { input, dlq } = { input: now.input - before.input, dlq: now.dlq - before.dlq };
  if (dlq === 0 || wilsonLower(Math.min(dlq, input), Math.max(input, dlq)) <= limit) return undefined;
  const detail = `${dlq} of ${input} documents of ${name} went to its dead letter queue, at most ${limit * 100} % may`;
  return { state: "failed" as const, detail };
}

export const countsOf = ({ inputMessageCount: input, dlqMessageCount: dlq }: AtlasProcessor["stats"]): Counts => ({
  ...{ input, dlq },
});

/** What was counted when a check was asked first; it is forgotten with the check. */
const firstCounts = new WeakMap<ProcessorCheck, Counts>();

/** The processor of a check: where versions are handed over, that of its digest, else a plain one that is the same. */
async function find(check: ProcessorCheck, client: Pick<ClientOf, "processor">): Promise<AtlasProcessor | undefined> {
  if (check.rollout === "in-place") return client.processor(check.processor);
  const version = await client.processor(versionName(check.processor, check.digest));
  if (version !== undefined) return version;
  const plain = await client.processor(check.processor);
  return plain !== undefined && hasDefinition(plain, check.digest) ? plain : undefined;
}

type ClientOf = Awaited<ReturnType<NonNullable<ProbeContext["targets"]["atlas"]>>>["client"];

/** Asks Atlas whether a processor is what was deployed, does what it should, and loses nothing. */
export const streamProcessor: CheckKind<"stream-processor"> = {
  kind: "stream-processor",
  async probe(check, { targets, signal }: ProbeContext) {
    const { projectId, workspace } = check;
    try {
      const target = await targets.atlas?.({ projectId, workspace }, signal);
      if (target === undefined) return { state: "failed", detail: "there is no Atlas to ask here" };
      const there = await find(check, target.client);
      if (there === undefined) return { state: "pending", detail: `no processor ${check.processor} in ${workspace}` };
      const since = firstCounts.get(check) ?? (check.rollout === "in-place" ? undefined : { input: 0, dlq: 0 });
      const probe = judgeProcessor(check, there, since);
      if (!firstCounts.has(check)) firstCounts.set(check, since ?? countsOf(there.stats));
      const { standIn } = target;
      return standIn === undefined ? probe : { ...probe, detail: `${standIn}: ${probe.detail}`, simulated: true };
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      // Atlas may come back; credentials that are wrong or missing do not.
      return { state: error.code === ExitCode.credentials ? "failed" : "pending", detail: error.message };
    }
  },
};
