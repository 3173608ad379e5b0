import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:http";

import { nextHash } from "../../cluster/router.ts";
import { AwsError, type Scope } from "../protocol.ts";
import { simulatedLabel } from "../table.ts";
import { putEndpoint } from "./controller.ts";
import { sharesOf, type EndpointState, type Fleet } from "./endpoint-state.ts";
import { endpointArn, endpointOf, type EndpointServices } from "./endpoints.ts";
import type { ModelProcess } from "./model-process.ts";
import type { ModelProcesses } from "./processes.ts";

/** Headers of SageMaker's runtime. */
const headers = {
  variant: "x-amzn-invoked-production-variant",
  targetVariant: "x-amzn-sagemaker-target-variant",
  attributes: "x-amzn-sagemaker-custom-attributes",
  /** Of the sandbox: says that this was no endpoint of AWS, and which configuration answered. */
  simulated: "x-slipway-simulated",
  config: "x-slipway-endpoint-config",
} as const;
/** SageMaker gives a container a minute. */
const answerTimeoutMs = 60_000;
const startTimeoutMs = 40_000;

export interface Invocation {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Answer {
  headers: Record<string, string>;
  body: Buffer;
}

interface Backend {
  key: string;
  fleet: Fleet;
  variant: Fleet["variants"][number];
  weight: number;
}

/** Answers invocations of endpoints: chooses a process by the weights of fleets and variants, and hands the request on. */
export class Runtime {
  readonly #services: EndpointServices;
  readonly #processes: ModelProcesses;
  /** Turns of each endpoint, begun anew when its weights change. */
  readonly #turns = new Map<string, { shares: string; balance: Map<string, number> }>();

  constructor(services: EndpointServices, processes: ModelProcesses) {
    this.#services = services;
    this.#processes = processes;
  }

  /** @throws AwsError in the runtime's own words. */
  async invoke(scope: Scope, name: string, invocation: Invocation): Promise<Answer> {
    const endpoint = this.#endpoint(scope, name);
    const { fleet, variant } = this.#choose(scope, endpoint, invocation);
    const process = this.#processes.of(scope, name, fleet, variant);
    const answer = await process.during(() => this.#ask(scope, endpoint, process, invocation));
    if (answer.status >= 400) throw modelError(scope, name, answer.status, answer.body.toString("utf8"));
    const attributes = answer.headers[headers.attributes];
    return {
      headers: {
        "content-type": String(answer.headers["content-type"] ?? "application/octet-stream"),
        [headers.variant]: variant.name,
        [headers.attributes]: typeof attributes === "string" ? attributes : simulatedLabel,
        [headers.simulated]: simulatedLabel,
        [headers.config]: fleet.config,
      },
      body: answer.body,
    };
  }

  async #ask(scope: Scope, endpoint: EndpointState, process: ModelProcess, invocation: Invocation) {
    const port = await process.ready(startTimeoutMs);
    if (port === undefined) throw this.#unhealthy(scope, endpoint, process);
    return ask(port, invocation).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw modelError(scope, endpoint.name, 0, `the process does not answer: ${why}`);
    });
  }

  #endpoint(scope: Scope, name: string): EndpointState {
    try {
      const endpoint = endpointOf(this.#services, scope, name);
      if (sharesOf(endpoint).length > 0) return endpoint;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
    throw new AwsError("ValidationError", `Endpoint ${name} of account ${scope.account} not found.`);
  }

  #choose(scope: Scope, endpoint: EndpointState, invocation: Invocation): Backend {
    const target = invocation.headers[headers.targetVariant];
    const all = sharesOf(endpoint).flatMap(({ fleet, percent }) => backendsOf(fleet, percent));
    const backends = target === undefined ? all : all.filter(({ variant }) => variant.name === target);
    const key = `${endpointArn(scope, endpoint.name)} ${String(target ?? "")}`;
    const shares = JSON.stringify(backends.map((each) => [each.key, each.weight]));
    const turns = this.#turns.get(key);
    const balance = turns?.shares === shares ? turns.balance : new Map<string, number>();
    this.#turns.set(key, { shares, balance });
    const chosen = nextHash(
      backends.map((each) => ({ hash: each.key, weight: each.weight })),
      balance,
    );
    const backend = backends.find((each) => each.key === chosen);
    if (backend !== undefined) return backend;
    throw new AwsError("ValidationError", `Variant ${String(target)} of endpoint ${endpoint.name} not found.`);
  }

  /** The first process of an endpoint that Pulumi made decides whether AWS would have made it. */
  #unhealthy(scope: Scope, before: EndpointState, process: ModelProcess): AwsError {
    const failure = process.failure ?? "its process did not become healthy in time";
    this.#processes.drop(process);
    if (before.unproven !== undefined && before.update === undefined)
      putEndpoint(this.#services.state, scope, { ...before, status: "Failed", failure, modified: Date.now() }, before);
    return modelError(scope, before.name, 503, failure);
  }
}

function backendsOf(fleet: Fleet, percent: number): Backend[] {
  const sum = fleet.variants.reduce((total, { weight }) => total + weight, 0);
  return fleet.variants
    .filter(({ weight }) => weight > 0)
    .map((variant) => ({
      key: `${fleet.config}/${variant.name}`,
      fleet,
      variant,
      weight: (percent * variant.weight) / sum,
    }));
}

function modelError(scope: Scope, endpoint: string, status: number, said: string): AwsError {
  const kind = status >= 400 && status < 500 ? "client" : "server";
  const message = `Received ${kind} error (${status}) from primary with message "${said.slice(0, 2_000)}".`;
  const log = `arn:aws:logs:${scope.region}:${scope.account}:log-group:/aws/sagemaker/Endpoints/${endpoint}`;
  const details = { OriginalStatusCode: status, OriginalMessage: said.slice(0, 2_000), LogStreamArn: log };
  return new AwsError("ModelError", message, { status: 424, details });
}

/** Sends a request to the container's own path; the caller's signature is nothing to it. */
function ask(port: number, { headers: given, body }: Invocation) {
  const kept = ["content-type", "accept", headers.attributes].flatMap((name) => {
    const value = given[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  const sent = { ...Object.fromEntries(kept), "content-length": body.byteLength };
  const options = { host: "127.0.0.1", port, path: "/invocations", method: "POST", headers: sent, agent: false };
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    const asked = request({ ...options, timeout: answerTimeoutMs }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    asked.on("timeout", () => asked.destroy(new Error("it did not answer in time")));
    asked.on("error", reject);
    asked.end(body);
  });
}
