import { arn, block, dnsSuffix, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { CloudResource, Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { mustBeArn, parseArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";

export const apiType = "aws:apigatewayv2/api:Api";
export const routeType = "aws:apigatewayv2/route:Route";
export const integrationType = "aws:apigatewayv2/integration:Integration";
export const authorizerType = "aws:apigatewayv2/authorizer:Authorizer";
const stageType = "aws:apigatewayv2/stage:Stage";
const logGroupType = "aws:cloudwatch/logGroup:LogGroup";

/** What API Gateway answers to a request that it does not understand. */
export const badRequest = (property: string, reason: string): Failure => ({
  property,
  reason: `BadRequestException: ${reason}`,
});

/** Resources of one API; they have no place outside of it. */
export function ofApi(type: string, apiId: unknown, context: TypeContext): CloudResource[] {
  return context.find(type).filter((other) => other.inputs["apiId"] === apiId);
}

/** ARNs of the management API name no account. */
export function managementArn(context: TypeContext, path: string): string {
  return `arn:${context.partition}:apigateway:${context.region}::/apis/${path}`;
}

const host = (apiId: string, { region, partition }: TypeContext) =>
  `${apiId}.execute-api.${region}.${dnsSuffix(partition)}`;

function validCors(inputs: Properties): Failure[] {
  const cors = block(inputs["corsConfiguration"]);
  const property = "corsConfiguration";
  if (typeof inputs[property] !== "object" || inputs[property] === null) return [];
  const { maxAge } = cors;
  const star = list(cors["allowOrigins"]).includes("*");
  return failures(
    inputs["protocolType"] === "WEBSOCKET" ? badRequest(property, "CORS configuration is for HTTP APIs") : undefined,
    star && cors["allowCredentials"] === true
      ? badRequest(property, "allowCredentials does not go with the origin *")
      : undefined,
    typeof maxAge === "number" && (maxAge < -1 || maxAge > 86_400)
      ? badRequest(property, `maxAge must lie between -1 and 86400, got ${maxAge}`)
      : undefined,
  );
}

const api = awsType({
  type: apiType,
  taggable: true,
  autoName: { property: "name", maxLength: 128 },
  defaults: { apiKeySelectionExpression: "$request.header.x-api-key", disableExecuteApiEndpoint: false },
  validate: (inputs) =>
    failures(
      required(inputs, "protocolType"),
      oneOf(inputs, "protocolType", ["HTTP", "WEBSOCKET"]),
      mustMatch(inputs, "name", /^[^]{1,128}$/, "1 to 128 characters"),
      mustMatch(inputs, "description", /^[^]{0,1024}$/, "at most 1024 characters"),
      mustMatch(inputs, "version", /^[^]{1,64}$/, "1 to 64 characters"),
      oneOf(inputs, "ipAddressType", ["ipv4", "dualstack"]),
      inputs["protocolType"] === "WEBSOCKET" ? required(inputs, "routeSelectionExpression") : [],
      validCors(inputs),
    ),
  id: (_inputs, context) => context.suffix(10),
  outputs: (inputs, id, context) => ({
    arn: managementArn(context, id),
    executionArn: arn(context, "execute-api", id),
    apiEndpoint: `${inputs["protocolType"] === "WEBSOCKET" ? "wss" : "https"}://${host(id, context)}`,
    ipAddressType: text(inputs["ipAddressType"]) ?? "ipv4",
    routeSelectionExpression: text(inputs["routeSelectionExpression"]) ?? "$request.method $request.path",
  }),
  computed: ["arn", "executionArn", "apiEndpoint", "ipAddressType", "routeSelectionExpression"],
  replaceOn: ["protocolType", "credentialsArn", "routeKey", "target"],
  cascade: (resource, context) =>
    [routeType, integrationType, stageType, authorizerType].flatMap((type) => ofApi(type, resource.id, context)),
  fidelity: "names, CORS and protocol checked; MiniStack serves it, under an address of this machine",
});

const stageName = /^(\$default|[A-Za-z0-9_-]{1,128})$/;

function validLogs(inputs: Properties): Failure[] {
  const property = "accessLogSettings";
  const settings = block(inputs[property]);
  if (typeof inputs[property] !== "object" || inputs[property] === null) return [];
  const format = text(settings["format"]);
  return failures(
    failures(
      required(settings, "destinationArn", "format"),
      mustBeArn(settings, "destinationArn", "logs", "firehose"),
    ).map(({ reason }) => badRequest(property, reason)),
    format === undefined || /\$context\.(extendedR|r)equestId/.test(format)
      ? undefined
      : badRequest(property, "Format must contain $context.requestId or $context.extendedRequestId"),
  );
}

const isNegative = (value: unknown): boolean => typeof value === "number" && value < 0;

function validLimits(property: string, settings: Properties): Failure[] {
  const negative = ["throttlingBurstLimit", "throttlingRateLimit"].filter((key) => isNegative(settings[key]));
  const level = oneOf(settings, "loggingLevel", ["ERROR", "INFO", "OFF"]);
  return failures(
    level === undefined ? undefined : badRequest(property, level.reason),
    negative.map((key) => badRequest(property, `${key} must not be negative, got ${String(settings[key])}`)),
  );
}

function refuseStage(inputs: Properties, context: TypeContext): string | undefined {
  const destination = parseArn(block(inputs["accessLogSettings"])["destinationArn"]);
  const group = /^log-group:([^:]+)/.exec(destination?.resource ?? "")?.[1];
  const own = destination?.account === context.account && destination.region === context.region;
  if (group === undefined || !own || context.find(logGroupType).some(({ id }) => id === group)) return undefined;
  return `BadRequestException: The log group ${group} of the access logs does not exist.`;
}

const stage = awsType({
  type: stageType,
  taggable: true,
  autoName: { property: "name", maxLength: 128 },
  defaults: { autoDeploy: false },
  validate: (inputs) =>
    failures(
      required(inputs, "apiId"),
      mustMatch(inputs, "name", stageName, "$default, or 1 to 128 letters, digits, hyphens and underscores"),
      mustMatch(inputs, "description", /^[^]{0,1024}$/, "at most 1024 characters"),
      validLogs(inputs),
      validLimits("defaultRouteSettings", block(inputs["defaultRouteSettings"])),
      list(inputs["routeSettings"]).flatMap((settings) => validLimits("routeSettings", block(settings))),
    ),
  // The provider's own id is the name alone, which every API may have.
  id: (inputs) => `${String(inputs["apiId"])}/${String(inputs["name"])}`,
  outputs: (inputs, _id, context) => {
    const [apiId, name] = [String(inputs["apiId"]), String(inputs["name"])];
    return {
      arn: managementArn(context, `${apiId}/stages/${name}`),
      executionArn: arn(context, "execute-api", `${apiId}/${name}`),
      invokeUrl: `https://${host(apiId, context)}/${name === "$default" ? "" : name}`,
      deploymentId: text(inputs["deploymentId"]) ?? (inputs["autoDeploy"] === true ? context.suffix(6) : ""),
    };
  },
  computed: ["arn", "executionArn", "invokeUrl", "deploymentId"],
  replaceOn: ["apiId", "name"],
  references: { apiId: apiType },
  refuseCreate: refuseStage,
  unique: { properties: ["apiId", "name"], error: () => "ConflictException: Stage already exists" },
  fidelity: "name, access logs and limits checked; nothing is logged and nothing is throttled",
});

export const apiGatewayTypes: readonly TypeSpec[] = [api, stage];
