import { randomBytes } from "node:crypto";
import type { Check } from "../../../config/outputs.ts";
import type { AwsClientConfig, CheckKind, Probe, ProbeContext, SimulatedResource } from "../check-kind.ts";
import { differences, summaryOf, told } from "../pipeline/compare.ts";
import { runExecution } from "../pipeline/execution.ts";
import { openObjects, type Objects } from "../pipeline/objects.ts";
import { readFindings, readReport, type RunPlace } from "../pipeline/read-back.ts";
import { readSample, type Sample } from "../pipeline/sample.ts";

type MachineCheck = Extract<Check, { kind: "state-machine" }>;

/** Pure: a name for this verification alone: of the release, the time to the second, and chance. At most 64 of `a-z`, `0-9` and `-`. */
export function verificationId(release: string | undefined, now: Date, chance: string): string {
  const moment = now.toISOString().slice(0, 19).replaceAll(/[-:]/gu, "").replace("T", "-");
  return `verify-${(release ?? "working-tree").slice(0, 12)}-${moment}-${chance}`;
}

const failed = (detail: string): Probe => ({ state: "failed", detail });
const reasonOf = (error: unknown, { signal }: ProbeContext) =>
  signal.aborted ? "cancelled" : (error as Error).message;

/** How long cleaning up may take, whoever cancelled what before. */
const cleaningMs = 60_000;

/**
 * A state machine turns a sample into exactly what the sample's `expected.json` says: by its report, and by the files that are read
 * back. Everything happens below `verification/<run>/`, apart from the data of the environment. It goes again unless the check failed:
 * what a failed run left behind tells why, until it expires.
 */
export const stateMachine: CheckKind<"state-machine"> = {
  kind: "state-machine",
  costly: true,
  async probe(check, context) {
    const target = await context.targets.aws(check.region);
    if (target.simulated) return judgeSimulated(check, target.resources("aws:sfn/stateMachine:StateMachine"));
    try {
      const sample = await readSample(await context.deployed.root(), check.sample);
      return await runSample(check, sample, target.config, context);
    } catch (error) {
      return failed(reasonOf(error, context));
    }
  },
};

/** Pure: nothing runs in a simulated cloud, and nobody shall think that something did. */
export function judgeSimulated({ arn }: MachineCheck, resources: readonly SimulatedResource[]): Probe {
  // By its name, or by the version that was published last.
  if (resources.some((resource) => resource["arn"] === arn || resource["stateMachineVersionArn"] === arn))
    return { state: "passed", simulated: true, detail: "simulated: the state machine stands, nothing ran" };
  return failed(`no such state machine: ${arn}`);
}

async function runSample(
  check: MachineCheck,
  sample: Sample,
  config: AwsClientConfig,
  context: ProbeContext,
): Promise<Probe> {
  const runId = verificationId(context.deployed.release, new Date(), randomBytes(2).toString("hex"));
  const root = `verification/${runId}/`;
  const place: RunPlace = { ...check, runId, root };
  const objects = await openObjects(config, context.signal);
  const run = async (): Promise<Probe> => {
    for (const [key, body] of sample.files) await objects.put(check.rawBucket, `${root}${key}`, body);
    return await runAndCompare(check, sample, objects, { config, context, place });
  };
  try {
    const result = await run().catch((error: unknown) => failed(reasonOf(error, context)));
    // A run that was cancelled has nothing to tell.
    const kept = context.signal.aborted || result.state === "passed" ? undefined : await evidence(check, root, objects);
    if (kept !== undefined) return failed(`${result.detail} (kept below ${kept})`);
    await cleanUp(check, root, config).catch((error: unknown) => {
      context.progress(`${root} was not cleaned up and stays until it expires: ${(error as Error).message}`);
    });
    return result;
  } finally {
    objects.close();
  }
}

/** Where the run left something beside the sample it was given; undefined where it did not. */
async function evidence(check: MachineCheck, root: string, objects: Objects): Promise<string | undefined> {
  for (const bucket of [check.processedBucket, check.quarantineBucket]) {
    // What cannot be looked at is not thrown away either.
    const empty = await objects
      .list(bucket, root, 1)
      .then(({ length }) => length === 0)
      .catch(() => false);
    if (!empty) return `s3://${bucket}/${root}`;
  }
  return undefined;
}

async function runAndCompare(
  check: MachineCheck,
  { expected }: Sample,
  objects: Objects,
  { config, context, place }: { config: AwsClientConfig; context: ProbeContext; place: RunPlace },
): Promise<Probe> {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const { runId, root } = place;
  const end = await runExecution(config, {
    stateMachine: check.arn,
    name: runId,
    input: { runId, mode: "verification", prefix: `${root}incoming/` },
    timeoutSeconds: check.timeoutSeconds,
    signal: context.signal,
    onState: (state) => context.progress(`${state} after ${elapsed().toFixed(1)} s`),
  });
  if (!end.succeeded) return failed(`execution ${runId}: ${end.reason}`);
  const seconds = elapsed();
  const report = await readReport(objects, place);
  const found = differences(expected, report, await readFindings(objects, place, expected));
  if (found.length > 0) return failed(`execution ${runId}: ${told(found)}`);
  return { state: "passed", detail: summaryOf(expected, seconds) };
}

async function cleanUp(check: MachineCheck, root: string, config: AwsClientConfig): Promise<void> {
  const objects = await openObjects(config, AbortSignal.timeout(cleaningMs));
  try {
    const buckets = [check.rawBucket, check.processedBucket, check.quarantineBucket];
    await Promise.all(buckets.map((bucket) => objects.clear(bucket, root)));
  } finally {
    objects.close();
  }
}
