import type * as pulumi from "@pulumi/pulumi";
import { routes } from "./inference-gateway.ts";
import { type InferenceScope, inferenceFunctionName, liveAlias } from "./inference-scope.ts";

/** One alias that CodeDeploy moves from version to version. */
export interface ShiftOutput {
  application: string;
  deploymentGroup: string;
  function: string;
  alias: string;
  /** The version that shall answer everything in the end. */
  version: string;
  hooks: { before: string; after: string };
  /** From its first step to its last. */
  minutes: number;
  timeoutSeconds: number;
}

/** The alias answers as the API would be answered. */
export interface FunctionCheck {
  kind: "lambda";
  name: string;
  region: string;
  function: string;
  qualifier: string;
  payload: string;
  status: number;
}

/** The API answers callers without credentials. */
export interface ApiCheck {
  kind: "http";
  name: string;
  url: string;
  status: number;
}

export type InferenceCheck = FunctionCheck | ApiCheck;

/** What API Gateway sends to a function for this request, as far as one looks at it. */
export function gatewayEvent(method: string, path: string): string {
  const requestContext = { http: { method, path }, requestId: "verification", stage: "$default" };
  return JSON.stringify({
    version: "2.0",
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: "",
    headers: {},
    requestContext,
    isBase64Encoded: false,
  });
}

/** What the driver must see of the API: the alias answering behind it, then the way through it. */
export function inferenceChecks(
  scope: InferenceScope,
  endpoint: pulumi.Output<string>,
): pulumi.Output<InferenceCheck[]> {
  const { method, path } = routes.models;
  const alias: FunctionCheck = {
    kind: "lambda",
    name: "models-api",
    region: scope.region,
    function: inferenceFunctionName(scope, "models_api"),
    qualifier: liveAlias,
    payload: gatewayEvent(method, path),
    status: 200,
  };
  return endpoint.apply((base): InferenceCheck[] => [
    alias,
    { kind: "http", name: "inference-api", url: `${base}${path}`, status: 200 },
  ]);
}
