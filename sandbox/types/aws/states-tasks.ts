import { block, list, text } from "../build.ts";
import type { Properties } from "../type-spec.ts";
import { parseArn } from "./arns.ts";

/** Integrations that Step Functions offers beside `aws-sdk`, with the actions it knows; an empty list stands for any. */
const integrations: Readonly<Record<string, readonly string[]>> = {
  lambda: ["invoke"],
  glue: ["startJobRun"],
  states: ["startExecution"],
  sns: ["publish"],
  sqs: ["sendMessage"],
  events: ["putEvents"],
  dynamodb: ["getItem", "putItem", "updateItem", "deleteItem"],
  athena: ["startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"],
  batch: ["submitJob"],
  ecs: ["runTask"],
  eks: ["call", "runJob", "createCluster", "deleteCluster", "createNodegroup", "deleteNodegroup"],
  http: ["invoke"],
  codebuild: [],
  bedrock: [],
  databrew: [],
  elasticmapreduce: [],
  "emr-containers": [],
  "emr-serverless": [],
  mediaconvert: [],
  sagemaker: [],
  apigateway: ["invoke"],
};

const pattern = /^([a-z0-9-]+):([a-zA-Z0-9]+)(\.sync(:2)?|\.waitForTaskToken)?$/;

export function taskProblems(state: Properties, path: string): string[] {
  const resource = text(state["Resource"]);
  if (resource === undefined) return [`SCHEMA_VALIDATION_FAILED: These fields are required: [Resource] at ${path}`];
  const timeouts = timeoutProblems(state, path);
  return resourceIsValid(resource)
    ? timeouts
    : [
        `SCHEMA_VALIDATION_FAILED: The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at ${path}/Resource`,
        ...timeouts,
      ];
}

function resourceIsValid(value: string): boolean {
  const found = parseArn(value);
  if (found === undefined) return false;
  if (found.service === "lambda") return /^function:[\w-]+(:[\w$-]+)?$/.test(found.resource);
  if (found.service !== "states") return false;
  if (found.account !== "") return /^(activity|stateMachine):/.test(found.resource);
  const sdk = /^aws-sdk:[a-z0-9]+:[a-z][a-zA-Z0-9]*(\.waitForTaskToken)?$/;
  if (sdk.test(found.resource)) return true;
  const [, service = "", action = ""] = pattern.exec(found.resource) ?? [];
  const actions = Object.hasOwn(integrations, service) ? integrations[service] : undefined;
  return actions !== undefined && (actions.length === 0 || actions.includes(action));
}

function timeoutProblems(state: Properties, path: string): string[] {
  const timeout = state["TimeoutSeconds"];
  const heartbeat = state["HeartbeatSeconds"];
  const wrong = ["TimeoutSeconds", "HeartbeatSeconds"].filter((key) => {
    const value = state[key];
    return typeof value === "number" && (!Number.isInteger(value) || value < 1);
  });
  const late = typeof timeout === "number" && typeof heartbeat === "number" && heartbeat >= timeout;
  return [
    ...wrong.map((key) => `SCHEMA_VALIDATION_FAILED: Value is not a positive integer at ${path}/${key}`),
    ...(late ? [`SCHEMA_VALIDATION_FAILED: HeartbeatSeconds must be smaller than TimeoutSeconds at ${path}`] : []),
  ];
}

export function waitProblems(state: Properties, path: string): string[] {
  const ways = ["Seconds", "Timestamp", "SecondsPath", "TimestampPath"].filter((key) => state[key] !== undefined);
  return ways.length === 1
    ? []
    : [
        `SCHEMA_VALIDATION_FAILED: exactly one of [Seconds, Timestamp, SecondsPath, TimestampPath] is required at ${path}`,
      ];
}

/** Retriers and catchers: what they match, that everything comes last and alone, and sensible numbers. */
export function retryProblems(state: Properties, path: string): string[] {
  return ["Retry", "Catch"].flatMap((field) => {
    const entries = list(state[field]).map(block);
    return entries.flatMap((entry, index) => {
      const at = `${path}/${field}[${index}]`;
      const errors = list(entry["ErrorEquals"]);
      const last = index === entries.length - 1;
      return [
        ...(errors.length === 0 ? [`SCHEMA_VALIDATION_FAILED: These fields are required: [ErrorEquals] at ${at}`] : []),
        ...(errors.includes("States.ALL") && (!last || errors.length > 1)
          ? [`SCHEMA_VALIDATION_FAILED: States.ALL must appear alone and in the last ${field} at ${at}/ErrorEquals`]
          : []),
        ...(field === "Catch" && entry["Next"] === undefined
          ? [`SCHEMA_VALIDATION_FAILED: These fields are required: [Next] at ${at}`]
          : []),
        ...(field === "Retry" ? numberProblems(entry, at) : []),
      ];
    });
  });
}

const minimums: Readonly<Record<string, number>> = {
  IntervalSeconds: 1,
  MaxAttempts: 0,
  BackoffRate: 1,
  MaxDelaySeconds: 1,
};

function numberProblems(entry: Properties, path: string): string[] {
  return Object.entries(minimums).flatMap(([key, minimum]) => {
    const value = entry[key];
    const low = typeof value === "number" && value < minimum;
    return low ? [`SCHEMA_VALIDATION_FAILED: Value is less than the minimum ${minimum} at ${path}/${key}`] : [];
  });
}
