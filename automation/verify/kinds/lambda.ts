import { z } from "zod";
import type { Check } from "../../../config/outputs.ts";
import type { AwsClientConfig, CheckKind, Probe, SimulatedResource } from "../check-kind.ts";

type LambdaCheck = Extract<Check, { kind: "lambda" }>;

/** What an invocation gave. */
export interface Answer {
  /** `Handled` or `Unhandled` where the code failed. */
  error: string | undefined;
  /** As JSON text. */
  body: string;
  /** The version that answered. */
  version: string | undefined;
}

const nameOf = ({ function: name, qualifier }: LambdaCheck) =>
  qualifier === undefined ? name : `${name}:${qualifier}`;

const longest = 200;
const excerpt = (text: string) => (text.length > longest ? `${text.slice(0, longest).toWellFormed()}…` : text);

const behindApi = z.object({ statusCode: z.number() });
const failure = z.object({ errorType: z.string().optional(), errorMessage: z.string() });

/** Pure: what an answer means. Code that fails may still be waiting for its role, which takes a while to be known everywhere. */
export function judgeAnswer(check: LambdaCheck, { error, body, version }: Answer): Probe {
  const name = nameOf(check);
  if (error !== undefined) return { state: "pending", detail: `${name} failed: ${excerpt(failureText(body))}` };
  const { statusCode } = behindApi.safeParse(parse(body)).data ?? {};
  if (check.status !== undefined && statusCode !== check.status)
    return {
      state: "pending",
      detail: `${name} answered ${statusCode ?? `without a status: ${excerpt(body)}`}, expected ${check.status}`,
    };
  if (check.contains !== undefined && !body.includes(check.contains))
    return { state: "pending", detail: `${name} answered without the text "${check.contains}": ${excerpt(body)}` };
  const by = version === undefined || version === check.qualifier ? "" : `, version ${version}`;
  return { state: "passed", detail: `${name} answered${statusCode === undefined ? "" : ` ${statusCode}`}${by}` };
}

function failureText(body: string): string {
  const { errorType, errorMessage } = failure.safeParse(parse(body)).data ?? { errorMessage: body };
  return errorType === undefined ? errorMessage : `${errorType}: ${errorMessage}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An alias is a resource of its own; versions and the function itself are known by the function. */
const aliasOf = ({ qualifier = "$LATEST" }: LambdaCheck): string | undefined =>
  /^(?:\d+|\$LATEST)$/u.test(qualifier) ? undefined : qualifier;

/** Pure: nothing runs in a simulated cloud, and nobody shall think that something did. */
export function judgeSimulatedFunction(check: LambdaCheck, resources: readonly SimulatedResource[]): Probe {
  const alias = aliasOf(check);
  const stands = resources.some(({ name, functionName }) =>
    alias === undefined ? name === check.function : name === alias && functionName === check.function,
  );
  if (!stands) return { state: "failed", detail: `no such function: ${nameOf(check)}` };
  return { state: "passed", simulated: true, detail: `simulated: ${nameOf(check)} stands, nothing ran` };
}

const typeOf = (check: LambdaCheck): string =>
  aliasOf(check) === undefined ? "aws:lambda/function:Function" : "aws:lambda/alias:Alias";

async function invoke(check: LambdaCheck, config: AwsClientConfig, signal: AbortSignal): Promise<Answer> {
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const client = new LambdaClient(config);
  try {
    const command = new InvokeCommand({
      FunctionName: check.function,
      Qualifier: check.qualifier,
      InvocationType: "RequestResponse",
      Payload: Buffer.from(check.payload),
    });
    const { FunctionError, Payload, ExecutedVersion } = await client.send(command, { abortSignal: signal });
    return { error: FunctionError, body: Buffer.from(Payload ?? []).toString("utf8"), version: ExecutedVersion };
  } finally {
    client.destroy();
  }
}

/** Errors that waiting does not mend. */
const final: ReadonlySet<string> = new Set([
  "ResourceNotFoundException",
  "AccessDeniedException",
  "InvalidRequestContentException",
  "InvalidRuntimeException",
]);

/** A function answers an event as it should, asked the way that callers reach it: by its alias. */
export const lambda: CheckKind<"lambda"> = {
  kind: "lambda",
  async probe(check, { targets, signal }) {
    const target = await targets.aws(check.region);
    if (target.simulated) return judgeSimulatedFunction(check, target.resources(typeOf(check)));
    try {
      return judgeAnswer(check, await invoke(check, target.config, signal));
    } catch (error) {
      const { name, message } = error as Error;
      return { state: final.has(name) ? "failed" : "pending", detail: `${nameOf(check)}: ${message}` };
    }
  },
};
