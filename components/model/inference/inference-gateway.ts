import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../../shared/component.ts";
import { logGroup } from "../../shared/log-group.ts";
import type { Removal } from "../../shared/protection.ts";
import { type Transform, transform } from "../../shared/transform.ts";
import { type InferenceScope, accessLogGroup, inferenceName } from "./inference-scope.ts";

/** Who may ask for predictions: everybody, or who signs with an identity of AWS that is allowed to. */
export type Authorization = "none" | "iam";

export interface Throttling {
  /** Requests per second, on average. */
  rate: number;
  /** Requests at once. */
  burst: number;
}

/** What a caller may change about the parts of the API. */
export interface GatewayTransforms {
  api?: Transform<aws.apigatewayv2.ApiArgs>;
  route?: Transform<aws.apigatewayv2.RouteArgs>;
  stage?: Transform<aws.apigatewayv2.StageArgs>;
}

export interface InferenceGatewayArgs {
  scope: InferenceScope;
  /** The alias that answers. */
  alias: aws.lambda.Alias;
  authorization: Authorization;
  throttling: Throttling;
  logRetentionDays: number;
  removal: Removal;
  transform?: GatewayTransforms;
}

/** Routes by name. The list of models tells names and figures only and stays open: it is how one sees that the API is up. */
export const routes = {
  models: { method: "GET", path: "/models" },
  predict: { method: "POST", path: "/predict" },
} as const;
export type RouteName = keyof typeof routes;

/** What is noted of each request; neither its body nor who sent it with what secret. */
const accessLog = {
  requestId: "$context.requestId",
  time: "$context.requestTime",
  ip: "$context.identity.sourceIp",
  caller: "$context.identity.caller",
  route: "$context.routeKey",
  status: "$context.status",
  bytes: "$context.responseLength",
  latencyMs: "$context.responseLatency",
  integrationLatencyMs: "$context.integrationLatency",
  integrationError: "$context.integrationErrorMessage",
  error: "$context.error.message",
};

/** An HTTP API over one alias of one function. */
export class InferenceGateway extends SlipwayComponent {
  /** URL without a slash at its end. */
  readonly endpoint: pulumi.Output<string>;

  constructor(name: string, args: InferenceGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("InferenceGateway", name, opts);
    const api = new aws.apigatewayv2.Api(
      ...transform(
        args.transform?.api,
        `${name}-api`,
        {
          name: inferenceName(args.scope),
          description: `Slipway ${args.scope.environment}: models and predictions`,
          protocolType: "HTTP",
        },
        childOf(this),
      ),
    );
    const integration = new aws.apigatewayv2.Integration(
      `${name}-integration`,
      {
        apiId: api.id,
        integrationType: "AWS_PROXY",
        integrationUri: args.alias.invokeArn,
        integrationMethod: "POST",
        payloadFormatVersion: "2.0",
        timeoutMilliseconds: 30_000,
      },
      childOf(this),
    );
    const keys = Object.keys(routes) as RouteName[];
    const made = keys.map((key) => this.addRoute(name, key, args, api, integration));
    this.addStage(name, args, api, made);
    this.endpoint = api.apiEndpoint;
    this.registerOutputs({ endpoint: this.endpoint });
  }

  /** A route, and leave for exactly it to call the alias. */
  private addRoute(
    name: string,
    key: RouteName,
    { alias, authorization, ...args }: InferenceGatewayArgs,
    api: aws.apigatewayv2.Api,
    integration: aws.apigatewayv2.Integration,
  ): aws.apigatewayv2.Route {
    const { method, path } = routes[key];
    new aws.lambda.Permission(
      `${name}-${key}-permission`,
      {
        action: "lambda:InvokeFunction",
        function: alias.functionName,
        qualifier: alias.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/${method}${path}`,
      },
      childOf(this),
    );
    return new aws.apigatewayv2.Route(
      ...transform(
        args.transform?.route,
        `${name}-${key}-route`,
        {
          apiId: api.id,
          routeKey: `${method} ${path}`,
          target: pulumi.interpolate`integrations/${integration.id}`,
          authorizationType: key === "predict" && authorization === "iam" ? "AWS_IAM" : "NONE",
        },
        childOf(this),
      ),
    );
  }

  private addStage(
    name: string,
    { scope, throttling, logRetentionDays, removal, ...args }: InferenceGatewayArgs,
    api: aws.apigatewayv2.Api,
    made: aws.apigatewayv2.Route[],
  ): void {
    const logs = logGroup(
      `${name}-access-logs`,
      { name: accessLogGroup(scope), keyArn: scope.keyArn, retentionDays: logRetentionDays, removal },
      this,
    );
    new aws.apigatewayv2.Stage(
      ...transform(
        args.transform?.stage,
        `${name}-stage`,
        {
          apiId: api.id,
          name: "$default",
          autoDeploy: true,
          accessLogSettings: { destinationArn: logs.arn, format: JSON.stringify(accessLog) },
          defaultRouteSettings: {
            throttlingRateLimit: throttling.rate,
            throttlingBurstLimit: throttling.burst,
            detailedMetricsEnabled: true,
          },
        },
        // A stage that deploys by itself deploys the routes that are there.
        childOf(this, { dependsOn: made }),
      ),
    );
  }
}
