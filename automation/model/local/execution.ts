import { randomInt } from "node:crypto";
import type { Json } from "../../release/canonical.ts";

/** Variables of an execution that a definition may ask for. */
export const executionVariables = [
  "PipelineExecutionArn",
  "PipelineExecutionId",
  "PipelineName",
  "PipelineArn",
  "StartDateTime",
  "CurrentDateTime",
] as const;

/** One run of a pipeline. */
export interface Execution {
  /** 12 small letters and digits, as the service makes them. */
  id: string;
  pipeline: string;
  region: string;
  account: string;
  startedAt: Date;
}

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

export const newExecutionId = (): string =>
  Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join("");

/** ARN of something of the service. */
export const arnOf = ({ region, account }: Execution, path: string): string =>
  `arn:aws:sagemaker:${region}:${account}:${path}`;

/** The value of a variable at this moment. */
export function executionVariable(execution: Execution, name: string, now: Date): Json {
  const { id, pipeline, startedAt } = execution;
  const values: Record<(typeof executionVariables)[number], string> = {
    PipelineExecutionId: id,
    PipelineExecutionArn: arnOf(execution, `pipeline/${pipeline}/execution/${id}`),
    PipelineName: pipeline,
    PipelineArn: arnOf(execution, `pipeline/${pipeline}`),
    StartDateTime: startedAt.toISOString(),
    CurrentDateTime: now.toISOString(),
  };
  return values[name as keyof typeof values];
}
