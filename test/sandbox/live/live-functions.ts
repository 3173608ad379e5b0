import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

import type { LiveCloud } from "../../../sandbox/live/connect.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { account, region, resourceOf, settings } from "./live-lab.ts";

const role = `arn:aws:iam::${account}:role/lab`;
export const functionArn = `arn:aws:lambda:${region}:${account}:function:said`;

/** Says its word, which version it is, what it was asked by, and what it finds in its environment. */
const source = (word: string) => `
import json, os
def handler(event, context):
    keep = (event.get("detail") or {}).get("keep")
    if keep:
        import boto3
        boto3.client("s3").put_object(Bucket="lab-kept", Key=keep, Body=json.dumps(event).encode())
    said = {"word": "${word}", "version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"], "seen": context.function_version,
            "path": event.get("rawPath"), "variable": os.environ.get(event.get("variable", ""))}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(said)}
`;

/** A function of the record: its version says how often it was published. */
export function publishedFunction(word: string, version: number, more: Properties = {}): CloudResource {
  const properties = {
    ...{ name: "said", role, runtime: "python3.13", handler: "handler.handler", timeout: 30, publish: true },
    ...more,
  };
  const code = { assets: { "handler.py": { text: source(word) } } };
  const made = resourceOf("aws:lambda/function:Function", "said", properties);
  return { ...made, inputs: { ...properties, code }, outputs: { ...properties, version: String(version) } };
}

/** An alias of the record. */
export function aliasAt(functionVersion: string, more: Properties = {}): CloudResource {
  return resourceOf("aws:lambda/alias:Alias", `${functionArn}:live`, {
    ...{ name: "live", functionName: "said", functionVersion },
    ...more,
  });
}

/** What the function says of itself. */
export interface Said {
  word: string;
  version: string;
  seen: string;
  path: string | null;
  variable: string | null;
}

export async function ask(
  live: LiveCloud,
  Qualifier: string,
  event: object = {},
): Promise<Said & { executed: string | undefined }> {
  const lambda = new LambdaClient(settings(live));
  const call = new InvokeCommand({ FunctionName: "said", Qualifier, Payload: Buffer.from(JSON.stringify(event)) });
  const { Payload, FunctionError, ExecutedVersion } = await lambda.send(call);
  const answer = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new Error(answer);
  const { body } = JSON.parse(answer) as { body: string };
  return { ...(JSON.parse(body) as Said), executed: ExecutedVersion };
}

/** How often each version answered. */
export async function tally(times: number, version: () => Promise<string>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let call = 0; call < times; call += 1) {
    const answered = await version();
    counts[answered] = (counts[answered] ?? 0) + 1;
  }
  return counts;
}
