/**
 * HTTP APIs.
 *
 * What holds in the emulator (MiniStack 1.5.33): an API has the id that its tag `ms-custom-id` says, which is the record's. Routes,
 * integrations and authorizers get ids of the emulator's own, so they are found by what names them here: a route by its key, the
 * others by the record's id, kept in a field that nothing else needs. Every route of an API answers at once, with or without a
 * deployment; an integration with a qualified function (an alias) calls that. Nothing is throttled, logged or measured, `AWS_IAM`
 * asks for a signature and does not check it, and JWT authorizers check tokens. `../address.ts` says where an API answers.
 */
import {
  CreateApiCommand,
  CreateAuthorizerCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteApiCommand,
  DeleteAuthorizerCommand,
  DeleteIntegrationCommand,
  DeleteRouteCommand,
  DeleteStageCommand,
  GetApiCommand,
  GetAuthorizersCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  GetStageCommand,
  UpdateApiCommand,
  UpdateAuthorizerCommand,
  UpdateIntegrationCommand,
  UpdateRouteCommand,
  UpdateStageCommand,
  type ApiGatewayV2Client,
} from "@aws-sdk/client-apigatewayv2";

import type { CloudResource } from "../../types/type-spec.ts";
import { block, compact, found, list, orUndefined, string, text, value } from "./build.ts";
import type { LiveType } from "./live-type.ts";

const api: LiveType = {
  ensure: async (clients, resource) => {
    const apis = await clients.apis();
    const cors = block(value(resource, "corsConfiguration"));
    const settings = {
      Name: string(resource, "name"),
      Description: string(resource, "description"),
      ...(Object.keys(cors).length === 0 ? {} : { CorsConfiguration: corsOf(cors) }),
    };
    if (await found(apis.send(new GetApiCommand({ ApiId: resource.id }))))
      await apis.send(new UpdateApiCommand({ ApiId: resource.id, ...settings }));
    else
      await apis.send(
        new CreateApiCommand({
          ...settings,
          ProtocolType: string(resource, "protocolType") as "HTTP",
          RouteSelectionExpression: string(resource, "routeSelectionExpression"),
          Tags: { "ms-custom-id": resource.id },
        }),
      );
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.apis()).send(new DeleteApiCommand({ ApiId: resource.id }))),
};

function corsOf(cors: Readonly<Record<string, unknown>>) {
  const many = (key: string) => (Array.isArray(cors[key]) ? list(cors[key]).map(String) : undefined);
  return compact({
    AllowCredentials: cors["allowCredentials"] === true ? true : undefined,
    AllowHeaders: many("allowHeaders"),
    AllowMethods: many("allowMethods"),
    AllowOrigins: many("allowOrigins"),
    ExposeHeaders: many("exposeHeaders"),
    MaxAge: typeof cors["maxAge"] === "number" ? cors["maxAge"] : undefined,
  });
}

const apiOf = (resource: CloudResource) => string(resource, "apiId");

/** Id in the emulator of an integration on record: its description says it. */
async function integrationId(apis: ApiGatewayV2Client, ApiId: string, recorded: string): Promise<string | undefined> {
  const { Items = [] } = (await orUndefined(apis.send(new GetIntegrationsCommand({ ApiId })))) ?? {};
  return Items.find(({ Description }) => Description === recorded)?.IntegrationId;
}

const integration: LiveType = {
  ensure: async (clients, resource) => {
    const apis = await clients.apis();
    const ApiId = apiOf(resource);
    const settings = {
      ApiId,
      Description: resource.id,
      IntegrationType: string(resource, "integrationType") as "AWS_PROXY",
      PayloadFormatVersion: string(resource, "payloadFormatVersion"),
      ...compact({
        IntegrationUri: text(value(resource, "integrationUri")),
        IntegrationMethod: text(value(resource, "integrationMethod")),
        TimeoutInMillis: Number(value(resource, "timeoutMilliseconds") ?? 30_000),
      }),
    };
    const IntegrationId = await integrationId(apis, ApiId, resource.id);
    if (IntegrationId === undefined) await apis.send(new CreateIntegrationCommand(settings));
    else await apis.send(new UpdateIntegrationCommand({ ...settings, IntegrationId }));
  },
  remove: async (clients, resource) => {
    const apis = await clients.apis();
    const ApiId = apiOf(resource);
    const IntegrationId = await integrationId(apis, ApiId, resource.id);
    if (IntegrationId !== undefined) await apis.send(new DeleteIntegrationCommand({ ApiId, IntegrationId }));
  },
};

/** Id in the emulator of an authorizer on record: it is its name there. */
async function authorizerId(apis: ApiGatewayV2Client, ApiId: string, recorded: string): Promise<string | undefined> {
  const { Items = [] } = (await orUndefined(apis.send(new GetAuthorizersCommand({ ApiId })))) ?? {};
  return Items.find(({ Name }) => Name === recorded)?.AuthorizerId;
}

const authorizer: LiveType = {
  ensure: async (clients, resource) => {
    const apis = await clients.apis();
    const ApiId = apiOf(resource);
    const { issuer, audiences } = block(value(resource, "jwtConfiguration"));
    const settings = {
      ApiId,
      Name: resource.id,
      IdentitySource: list(value(resource, "identitySources")).map(String),
      ...compact({
        AuthorizerUri: text(value(resource, "authorizerUri")),
        AuthorizerPayloadFormatVersion: text(value(resource, "authorizerPayloadFormatVersion")),
        EnableSimpleResponses: value(resource, "enableSimpleResponses") === true ? true : undefined,
        JwtConfiguration:
          text(issuer) === undefined ? undefined : { Issuer: text(issuer), Audience: list(audiences).map(String) },
      }),
    };
    const AuthorizerId = await authorizerId(apis, ApiId, resource.id);
    const AuthorizerType = string(resource, "authorizerType") as "JWT";
    if (AuthorizerId === undefined) await apis.send(new CreateAuthorizerCommand({ ...settings, AuthorizerType }));
    else await apis.send(new UpdateAuthorizerCommand({ ...settings, AuthorizerId }));
  },
  remove: async (clients, resource) => {
    const apis = await clients.apis();
    const ApiId = apiOf(resource);
    const AuthorizerId = await authorizerId(apis, ApiId, resource.id);
    if (AuthorizerId !== undefined) await apis.send(new DeleteAuthorizerCommand({ ApiId, AuthorizerId }));
  },
};

async function routeId(apis: ApiGatewayV2Client, ApiId: string, key: string): Promise<string | undefined> {
  const { Items = [] } = (await orUndefined(apis.send(new GetRoutesCommand({ ApiId })))) ?? {};
  return Items.find(({ RouteKey }) => RouteKey === key)?.RouteId;
}

const route: LiveType = {
  ensure: async (clients, resource, { before }) => {
    const apis = await clients.apis();
    const [ApiId, RouteKey] = [apiOf(resource), string(resource, "routeKey")];
    const target = /^integrations\/(.+)$/.exec(string(resource, "target"))?.[1];
    const [integrated, authorized] = await Promise.all([
      target === undefined ? undefined : integrationId(apis, ApiId, target),
      authorizerId(apis, ApiId, string(resource, "authorizerId")),
    ]);
    if (target !== undefined && integrated === undefined)
      throw new Error(`integration ${target} is not in the emulator`);
    const settings = {
      ApiId,
      RouteKey,
      AuthorizationType: (text(value(resource, "authorizationType")) ?? "NONE") as "NONE",
      AuthorizationScopes: list(value(resource, "authorizationScopes")).map(String),
      ...compact({ Target: integrated && `integrations/${integrated}`, AuthorizerId: authorized }),
    };
    // A route whose key changed is still there under its former one.
    const RouteId =
      (await routeId(apis, ApiId, RouteKey)) ?? (before && (await routeId(apis, ApiId, string(before, "routeKey"))));
    if (RouteId === undefined) await apis.send(new CreateRouteCommand(settings));
    else await apis.send(new UpdateRouteCommand({ ...settings, RouteId }));
  },
  remove: async (clients, resource) => {
    const apis = await clients.apis();
    const ApiId = apiOf(resource);
    const RouteId = await routeId(apis, ApiId, string(resource, "routeKey"));
    if (RouteId !== undefined) await apis.send(new DeleteRouteCommand({ ApiId, RouteId }));
  },
};

const stage: LiveType = {
  ensure: async (clients, resource) => {
    const apis = await clients.apis();
    const at = { ApiId: apiOf(resource), StageName: string(resource, "name") };
    const variables = Object.entries(block(value(resource, "stageVariables")));
    const settings = {
      ...at,
      AutoDeploy: value(resource, "autoDeploy") === true,
      StageVariables: Object.fromEntries(variables.map(([name, item]) => [name, String(item)])),
    };
    if (await found(apis.send(new GetStageCommand(at)))) await apis.send(new UpdateStageCommand(settings));
    else await apis.send(new CreateStageCommand(settings));
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.apis()).send(
        new DeleteStageCommand({ ApiId: apiOf(resource), StageName: string(resource, "name") }),
      ),
    ),
};

export const apiGatewayTypes: Readonly<Record<string, LiveType>> = {
  "aws:apigatewayv2/api:Api": api,
  "aws:apigatewayv2/integration:Integration": integration,
  "aws:apigatewayv2/authorizer:Authorizer": authorizer,
  "aws:apigatewayv2/route:Route": route,
  "aws:apigatewayv2/stage:Stage": stage,
};
