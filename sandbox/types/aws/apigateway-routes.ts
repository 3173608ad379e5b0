import { between, block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { apiType, authorizerType, badRequest, integrationType, ofApi, routeType } from "./apigateway.ts";
import { mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";

const methods = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const routeKey = new RegExp(`^(\\$default|(${methods.join("|")}) /\\S*)$`);

/** Route keys of WebSocket APIs are names of the application's own; only those of HTTP APIs have a form. */
function validRouteKey(inputs: Properties, context: TypeContext): Failure | undefined {
  const key = text(inputs["routeKey"]);
  const owner = context.find(apiType).find(({ id }) => id === inputs["apiId"]);
  if (key === undefined || owner?.inputs["protocolType"] === "WEBSOCKET" || routeKey.test(key)) return undefined;
  if (owner === undefined && /^\$(connect|disconnect)$/.test(key)) return undefined;
  return badRequest(
    "routeKey",
    `The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default", got "${key}"`,
  );
}

function validAuthorization(inputs: Properties): Failure[] {
  const kind = inputs["authorizationType"];
  const needs = kind === "JWT" || kind === "CUSTOM";
  return failures(
    oneOf(inputs, "authorizationType", ["NONE", "JWT", "AWS_IAM", "CUSTOM"]),
    needs && inputs["authorizerId"] === undefined
      ? badRequest("authorizerId", `an authorizer must be given for authorization type ${kind}`)
      : undefined,
    kind !== "JWT" && typeof kind !== "symbol" && list(inputs["authorizationScopes"]).length > 0
      ? badRequest("authorizationScopes", "scopes go with authorization type JWT")
      : undefined,
  );
}

function refuseRoute(inputs: Properties, context: TypeContext): string | undefined {
  const target = /^integrations\/(.+)$/.exec(text(inputs["target"]) ?? "")?.[1];
  const integrations = ofApi(integrationType, inputs["apiId"], context);
  if (target !== undefined && !integrations.some(({ id }) => id === target))
    return `BadRequestException: Unable to find Integration with Id ${target} in the API ${String(inputs["apiId"])}`;
  const authorizer = text(inputs["authorizerId"]);
  const authorizers = ofApi(authorizerType, inputs["apiId"], context);
  if (authorizer === undefined || authorizers.some(({ id }) => id === authorizer)) return undefined;
  return `NotFoundException: Invalid authorizer identifier specified: ${authorizer}`;
}

const route = awsType({
  type: routeType,
  defaults: { authorizationType: "NONE", apiKeyRequired: false },
  validate: (inputs, context) =>
    failures(
      required(inputs, "apiId", "routeKey"),
      validRouteKey(inputs, context),
      validAuthorization(inputs),
      mustMatch(inputs, "target", /^integrations\/.+$/, "integrations/<id of an integration>"),
      mustMatch(inputs, "operationName", /^[^]{1,64}$/, "1 to 64 characters"),
    ),
  id: (_inputs, context) => context.suffix(7),
  replaceOn: ["apiId"],
  references: { apiId: apiType },
  refuseCreate: refuseRoute,
  unique: {
    properties: ["apiId", "routeKey"],
    error: (inputs) => `ConflictException: Route with key ${String(inputs["routeKey"])} already exists for this API`,
  },
  fidelity: "key, integration and authorizer checked",
});

const lambdaUri =
  /^(arn:[a-z-]+:apigateway:[a-z0-9-]+:lambda:path\/[\d-]+\/functions\/)?arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?(\/invocations)?$/;

function validTarget(inputs: Properties): Failure[] {
  const { integrationType: kind, integrationSubtype: service } = inputs;
  const uri = text(inputs["integrationUri"]);
  const proxy = kind === "AWS_PROXY" && service === undefined;
  return failures(
    proxy || kind === "HTTP_PROXY" ? required(inputs, "integrationUri") : [],
    kind === "HTTP_PROXY" ? required(inputs, "integrationMethod") : [],
    proxy && uri !== undefined && !lambdaUri.test(uri)
      ? badRequest("integrationUri", `Invalid function ARN or invalid uri: ${uri}`)
      : undefined,
    kind === "AWS_PROXY" && inputs["integrationMethod"] !== undefined && inputs["integrationMethod"] !== "POST"
      ? badRequest("integrationMethod", "HttpMethod must be POST for AWS_PROXY integrations")
      : undefined,
    inputs["connectionType"] === "VPC_LINK" ? required(inputs, "connectionId") : [],
  );
}

const integration = awsType({
  type: integrationType,
  defaults: { connectionType: "INTERNET", payloadFormatVersion: "1.0" },
  validate: (inputs) =>
    failures(
      required(inputs, "apiId", "integrationType"),
      oneOf(inputs, "integrationType", ["AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"]),
      oneOf(inputs, "connectionType", ["INTERNET", "VPC_LINK"]),
      oneOf(inputs, "integrationMethod", methods),
      oneOf(inputs, "payloadFormatVersion", ["1.0", "2.0"]),
      between(inputs, "timeoutMilliseconds", 50, 30_000),
      mustMatch(inputs, "description", /^[^]{0,1024}$/, "at most 1024 characters"),
      mustBeArn(inputs, "credentialsArn", "iam"),
      validTarget(inputs),
    ),
  id: (_inputs, context) => context.suffix(7),
  outputs: (inputs) => ({
    integrationResponseSelectionExpression: "",
    timeoutMilliseconds: inputs["timeoutMilliseconds"] ?? 30_000,
  }),
  computed: ["integrationResponseSelectionExpression", "timeoutMilliseconds"],
  replaceOn: ["apiId", "integrationType", "integrationSubtype"],
  references: { apiId: apiType },
  inUse: (resource, context) =>
    ofApi(routeType, resource.inputs["apiId"], context).some(
      (other) => other.inputs["target"] === `integrations/${resource.id}`,
    )
      ? `ConflictException: Cannot delete Integration '${resource.id}' which is referenced by a Route.`
      : undefined,
  fidelity: "type, URI and time limit checked; the function behind it is not looked for",
});

function validIdentity(inputs: Properties): Failure[] {
  const { authorizerType: kind } = inputs;
  const jwt = block(inputs["jwtConfiguration"]);
  const sources = list(inputs["identitySources"]);
  return failures(
    oneOf(inputs, "authorizerType", ["JWT", "REQUEST"]),
    kind === "JWT" ? required(inputs, "jwtConfiguration", "identitySources") : [],
    kind === "REQUEST" ? required(inputs, "authorizerUri") : [],
    kind === "JWT" && sources.length > 1
      ? badRequest("identitySources", "a JWT authorizer has exactly one identity source")
      : undefined,
    kind === "JWT" && inputs["jwtConfiguration"] !== undefined && jwt["issuer"] === undefined
      ? badRequest("jwtConfiguration", "issuer must be given")
      : undefined,
    text(jwt["issuer"])?.startsWith("https://") === false
      ? badRequest("jwtConfiguration", "Invalid issuer: must begin with https://")
      : undefined,
  );
}

const authorizer = awsType({
  type: authorizerType,
  autoName: { property: "name", maxLength: 128 },
  validate: (inputs) =>
    failures(
      required(inputs, "apiId", "authorizerType"),
      mustMatch(inputs, "name", /^[^]{1,128}$/, "1 to 128 characters"),
      between(inputs, "authorizerResultTtlInSeconds", 0, 3_600),
      oneOf(inputs, "authorizerPayloadFormatVersion", ["1.0", "2.0"]),
      mustBeArn(inputs, "authorizerCredentialsArn", "iam"),
      validIdentity(inputs),
    ),
  id: (_inputs, context) => context.suffix(6),
  outputs: (inputs) => ({
    authorizerResultTtlInSeconds:
      inputs["authorizerResultTtlInSeconds"] ?? (inputs["authorizerType"] === "REQUEST" ? 300 : 0),
  }),
  computed: ["authorizerResultTtlInSeconds"],
  replaceOn: ["apiId"],
  references: { apiId: apiType },
  unique: {
    properties: ["apiId", "name"],
    error: (inputs) =>
      `ConflictException: Authorizer name must be unique. Authorizer ${String(inputs["name"])} already exists in this API.`,
  },
  inUse: (resource, context) =>
    ofApi(routeType, resource.inputs["apiId"], context).some((other) => other.inputs["authorizerId"] === resource.id)
      ? `ConflictException: Cannot delete authorizer '${resource.id}', is referenced in route.`
      : undefined,
  fidelity: "kind and identity checked; tokens are checked by MiniStack",
});

export const apiGatewayRouteTypes: readonly TypeSpec[] = [route, integration, authorizer];
