import { setTimeout as delay } from "node:timers/promises";
import type * as Sdk from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import type { Context } from "../../context.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { Json } from "../../release/canonical.ts";
import type { ModelVersion } from "../registry/documents.ts";
import type { CloudAccess } from "./cloud.ts";

/** A step as the service tells of it. */
export interface RemoteStep {
  step: string;
  type: string;
  status: "done" | "cached" | "skipped" | "failed" | "cancelled" | "running";
  seconds: number;
  detail?: string;
}

/** What an execution of the service came to. */
export interface RemoteRun {
  execution: string;
  snapshot: string;
  /** False where the same data, code and parameters had this execution before. */
  started: boolean;
  steps: readonly RemoteStep[];
  version: ModelVersion | undefined;
  seconds: number;
}

const answerSchema = z.object({
  executionArn: z.string().nullable(),
  snapshot: z.string().nullable(),
  started: z.boolean(),
  reason: z.string().optional(),
});
const failureSchema = z.object({ errorMessage: z.string() });

const handler = "training_handler";

/** Between two looks at an execution. */
const usualPauses = { firstMs: 2_000, longestMs: 20_000 };

export interface RemoteWish {
  parameters: Readonly<Record<string, Json>>;
  /** Another number asks for another execution of the same. */
  attempt: number;
  timeoutMs: number | undefined;
  again: string;
}

/** Starts the pipeline by its training function, which knows what the lake published last, and follows it to its end. */
export async function runRemotely(
  context: Context,
  access: Pick<CloudAccess, "name" | "model" | "lambda" | "sagemaker" | "registry">,
  wish: RemoteWish,
  pauses = usualPauses,
): Promise<RemoteRun> {
  const started = performance.now();
  const answer = await startTraining(context, access, wish);
  const { console } = context;
  const id = answer.executionArn.slice(answer.executionArn.lastIndexOf("/") + 1);
  console.info(
    answer.started
      ? `execution ${id} of ${access.model.pipeline} learns from snapshot ${answer.snapshot}`
      : `the same was asked for before: execution ${id}, snapshot ${answer.snapshot}`,
  );
  const { SageMakerClient } = await import("@aws-sdk/client-sagemaker");
  const client = new SageMakerClient(access.sagemaker);
  try {
    const steps = await follow(context, client, { arn: answer.executionArn, pauses, ...wish });
    const version = (await access.registry.list()).findLast(({ lineage }) => lineage.execution === id);
    const seconds = Math.round(performance.now() - started) / 1000;
    return { execution: id, snapshot: answer.snapshot, started: answer.started, steps, version, seconds };
  } finally {
    client.destroy();
  }
}

async function startTraining(
  { signal }: Context,
  { lambda, model, name }: Pick<CloudAccess, "lambda" | "model" | "name">,
  { parameters, attempt }: RemoteWish,
): Promise<{ executionArn: string; snapshot: string; started: boolean }> {
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const FunctionName = model.functions[handler];
  if (FunctionName === undefined)
    throw new SlipwayError(ExitCode.unexpected, `${name} has no function that starts trainings.`, {
      where: `stack outputs of ${name}: model.functions.${handler}`,
      next: `./slipway up ${name}`,
    });
  const client = new LambdaClient(lambda);
  try {
    const Payload = Buffer.from(JSON.stringify({ parameters, attempt }));
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload }), { abortSignal: signal });
    return judgeAnswer(Buffer.from(answer.Payload ?? []).toString("utf8"), answer.FunctionError, FunctionName);
  } finally {
    client.destroy();
  }
}

/** Pure: what the training function said. @throws SlipwayError where it started nothing. */
export function judgeAnswer(
  body: string,
  error: string | undefined,
  where: string,
): { executionArn: string; snapshot: string; started: boolean } {
  const parsed = parse(body);
  if (error !== undefined) {
    const message = failureSchema.safeParse(parsed).data?.errorMessage ?? body;
    throw new SlipwayError(ExitCode.usage, `The training function refuses: ${message}`, {
      where,
      changed: "nothing: no execution was started",
      next: "Correct what it names; its log has the rest.",
    });
  }
  const { executionArn, snapshot, started, reason } = answerSchema.parse(parsed);
  if (executionArn !== null && snapshot !== null) return { executionArn, snapshot, started };
  throw new SlipwayError(ExitCode.notFound, `There is nothing to learn from: ${reason ?? "no reason was given"}.`, {
    where,
    changed: "nothing: no execution was started",
    next: "Deliver houses to the lake, and run this again.",
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Pure: a step in this project's words. */
export function stepOf(step: Sdk.PipelineExecutionStep, now: Date): RemoteStep {
  const { StepName = "?", Metadata = {}, StepStatus, CacheHitResult, FailureReason, StartTime, EndTime } = step;
  const statuses: Readonly<Record<string, RemoteStep["status"]>> = {
    Succeeded: CacheHitResult?.SourcePipelineExecutionArn === undefined ? "done" : "cached",
    Failed: "failed",
    Stopped: "cancelled",
  };
  const seconds = StartTime === undefined ? 0 : ((EndTime ?? now).getTime() - StartTime.getTime()) / 1000;
  const detail = FailureReason ?? detailOf(Metadata);
  return {
    step: StepName,
    type: Object.keys(Metadata)[0] ?? "?",
    status: statuses[StepStatus ?? ""] ?? "running",
    seconds: Math.round(seconds * 1000) / 1000,
    ...(detail === undefined ? {} : { detail }),
  };
}

const detailOf = ({ Condition, RegisterModel }: Sdk.PipelineExecutionStepMetadata): string | undefined =>
  Condition?.Outcome ?? RegisterModel?.Arn;

/** Tells each step once when it begins and once when it has ended, until the execution has. */
async function follow(
  { console, signal, now }: Context,
  client: Sdk.SageMakerClient,
  { arn, pauses, timeoutMs = Infinity, again }: RemoteWish & { arn: string; pauses: typeof usualPauses },
): Promise<RemoteStep[]> {
  const sdk = await import("@aws-sdk/client-sagemaker");
  const begun = performance.now();
  const told = new Map<string, RemoteStep["status"]>();
  for (let pause = pauses.firstMs; ; pause = Math.min(pause * 1.5, pauses.longestMs)) {
    const described = await client.send(new sdk.DescribePipelineExecutionCommand({ PipelineExecutionArn: arn }));
    const steps = await stepsOf(sdk, client, arn, now());
    for (const one of steps) {
      if (told.get(one.step) !== one.status) console.info(`  ${lineOf(one)}`);
      told.set(one.step, one.status);
    }
    const { PipelineExecutionStatus: status, FailureReason } = described;
    if (status === "Succeeded") return steps;
    if (status === "Failed" || status === "Stopped")
      throw failed(arn, status, steps.find((one) => one.status === "failed")?.detail ?? FailureReason, again);
    if (performance.now() - begun > timeoutMs) throw waitedLongEnough(arn, again);
    await delay(pause, undefined, { signal }).catch((cause: unknown) => {
      throw stillRunning(arn, again, cause);
    });
  }
}

async function stepsOf(
  sdk: typeof Sdk,
  client: Sdk.SageMakerClient,
  PipelineExecutionArn: string,
  now: Date,
): Promise<RemoteStep[]> {
  const found: RemoteStep[] = [];
  for await (const page of sdk.paginateListPipelineExecutionSteps(
    { client },
    { PipelineExecutionArn, SortOrder: "Ascending" },
  ))
    found.push(...(page.PipelineExecutionSteps ?? []).map((one) => stepOf(one, now)));
  return found;
}

const lineOf = ({ step, status, seconds, detail }: RemoteStep): string =>
  [status === "running" ? ".." : status, step, status === "running" ? "" : `${seconds.toFixed(1)} s`, detail ?? ""]
    .filter((part) => part !== "")
    .join(" ");

const failed = (where: string, status: string, reason: string | undefined, again: string) =>
  new SlipwayError(
    status === "Stopped" ? ExitCode.cancelled : ExitCode.resourceFailed,
    `The execution ended as ${status}: ${reason ?? "no reason was given"}.`,
    {
      where,
      changed: "nothing was registered; steps that ended well are cached",
      next: `Mend it, then ${again} --attempt 2: the same request is not started twice.`,
    },
  );

const waitedLongEnough = (where: string, again: string) =>
  new SlipwayError(ExitCode.timeout, "The execution has not ended in time; it goes on.", {
    where,
    next: `${again} follows it again.`,
  });

const stillRunning = (where: string, again: string, cause: unknown) =>
  new SlipwayError(ExitCode.cancelled, "Nobody follows the execution any more; it goes on.", {
    where,
    next: `${again} follows it again; aws sagemaker stop-pipeline-execution --pipeline-execution-arn ${where} ends it.`,
    cause,
  });
