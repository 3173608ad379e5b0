import { z } from "zod";
import { plural } from "../../report/text.ts";
import type { Check } from "../../../config/outputs.ts";
import type { AwsClientConfig, CheckKind, Probe, SimulatedResource } from "../check-kind.ts";

type EndpointCheck = Extract<Check, { kind: "sagemaker-endpoint" }>;

/** What SageMaker says of an endpoint. */
export interface EndpointState {
  status: string;
  /** Why its last change failed. */
  reason: string | undefined;
}

const changing: ReadonlySet<string> = new Set(["Creating", "Updating", "SystemUpdating"]);

/** Pure: what the state of an endpoint means; undefined where it may be asked. */
export function judgeState({ endpoint }: EndpointCheck, { status, reason }: EndpointState): Probe | undefined {
  if (status === "InService") return undefined;
  const detail = `${endpoint} is ${status}${reason === undefined ? "" : `: ${reason}`}`;
  return { state: changing.has(status) ? "pending" : "failed", detail };
}

const predictions = z.object({ predictions: z.array(z.unknown()) });

/** Pure: what an endpoint predicted. Why a change of it was taken back is told as well: it serves, but not what it was to. */
export function judgePredictions(check: EndpointCheck, body: string, reason?: string): Probe {
  const { endpoint } = check;
  const found = predictions.safeParse(parse(body)).data?.predictions;
  if (found === undefined)
    return {
      state: "failed",
      detail: `${endpoint} answered without predictions: ${body.slice(0, 200).toWellFormed()}`,
    };
  if (found.length !== check.predictions)
    return {
      state: "failed",
      detail: `${endpoint} gave ${plural(found.length, "prediction")}, expected ${check.predictions}`,
    };
  const odd = found.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0)
    return {
      state: "failed",
      detail: `${endpoint}: prediction ${odd + 1} is no number: ${JSON.stringify(found[odd])}`,
    };
  const before = reason === undefined ? "" : `; its last change was taken back: ${reason}`;
  return { state: "passed", detail: `${endpoint} is in service, ${plural(found.length, "prediction")}${before}` };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Pure: nothing runs in a simulated cloud, and nobody shall think that something did. */
export function judgeSimulatedEndpoint(check: EndpointCheck, resources: readonly SimulatedResource[]): Probe {
  const { endpoint } = check;
  if (!resources.some(({ name }) => name === endpoint)) return noEndpoint(check);
  return { state: "passed", simulated: true, detail: `simulated: ${endpoint} stands, nothing predicted` };
}

async function describe(check: EndpointCheck, config: AwsClientConfig, signal: AbortSignal): Promise<EndpointState> {
  const { DescribeEndpointCommand, SageMakerClient } = await import("@aws-sdk/client-sagemaker");
  const client = new SageMakerClient(config);
  try {
    const command = new DescribeEndpointCommand({ EndpointName: check.endpoint });
    const { EndpointStatus = "", FailureReason } = await client.send(command, { abortSignal: signal });
    return { status: EndpointStatus, reason: FailureReason };
  } finally {
    client.destroy();
  }
}

async function ask(check: EndpointCheck, config: AwsClientConfig, signal: AbortSignal): Promise<string> {
  const { InvokeEndpointCommand, SageMakerRuntimeClient } = await import("@aws-sdk/client-sagemaker-runtime");
  const client = new SageMakerRuntimeClient(config);
  try {
    const command = new InvokeEndpointCommand({
      EndpointName: check.endpoint,
      ContentType: "application/json",
      Accept: "application/json",
      Body: Buffer.from(check.payload),
    });
    const { Body } = await client.send(command, { abortSignal: signal });
    return Buffer.from(Body ?? []).toString("utf8");
  } finally {
    client.destroy();
  }
}

const isMissing = ({ name, message }: Error) =>
  name === "ValidationException" && /Could not find endpoint/iu.test(message);

const noEndpoint = ({ endpoint }: EndpointCheck): Probe => ({
  state: "failed",
  detail: `no such endpoint: ${endpoint}`,
});

function judgeError(check: EndpointCheck, error: Error): Probe {
  if (isMissing(error)) return noEndpoint(check);
  const state = error.name === "AccessDeniedException" ? "failed" : "pending";
  return { state, detail: `${check.endpoint}: ${error.message}` };
}

/** An endpoint is in service and gives as many predictions as it is asked for, each of them a number. */
export const sagemakerEndpoint: CheckKind<"sagemaker-endpoint"> = {
  kind: "sagemaker-endpoint",
  async probe(check, { targets, signal }) {
    const target = await targets.aws(check.region, "sagemaker");
    const runtime = await targets.aws(check.region, "sagemaker-runtime");
    if (target.simulated || runtime.simulated) {
      const resources = target.simulated ? target.resources("aws:sagemaker/endpoint:Endpoint") : [];
      return judgeSimulatedEndpoint(check, resources);
    }
    const { standIn } = target;
    const look = async (): Promise<Probe> => {
      const { status, reason } = await describe(check, target.config, signal);
      return (
        judgeState(check, { status, reason }) ??
        judgePredictions(check, await ask(check, runtime.config, signal), reason)
      );
    };
    const probe = await look().catch((error: Error) => judgeError(check, error));
    return standIn === undefined ? probe : { ...probe, detail: `${standIn}: ${probe.detail}`, simulated: true };
  },
};
