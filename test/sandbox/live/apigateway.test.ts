import assert from "node:assert/strict";
import { ApiGatewayV2Client, GetRoutesCommand } from "@aws-sdk/client-apigatewayv2";
import { LambdaClient, UpdateAliasCommand } from "@aws-sdk/client-lambda";

import { localAddress } from "../../../sandbox/live/address.ts";
import type { LiveCloud } from "../../../sandbox/live/connect.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { aliasAt, functionArn, publishedFunction, tally, type Said } from "./live-functions.ts";
import { openLiveLab, region, resourceOf, settings, type LiveLab } from "./live-lab.ts";

const apiId = "ab12cd34ef";
const url = `https://${apiId}.execute-api.${region}.amazonaws.com`;
const of = (type: string, id: string, properties: Properties) =>
  resourceOf(`aws:apigatewayv2/${type}`, id, { apiId, ...properties });
const api = of("api:Api", apiId, { name: "lab", protocolType: "HTTP" });
const integration = of("integration:Integration", "int1", {
  ...{ integrationType: "AWS_PROXY", integrationMethod: "POST", payloadFormatVersion: "2.0" },
  integrationUri: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}:live/invocations`,
});
const route = (id: string, routeKey: string, more: Properties = {}) =>
  of("route:Route", id, { routeKey, target: "integrations/int1", authorizationType: "NONE", ...more });
const stage = (name: string) => of("stage:Stage", `${apiId}/${name}`, { name, autoDeploy: true });

describe("addresses of AWS on this machine", () => {
  const cases: [url: string, local: string][] = [
    [url, `http://127.0.0.1:1/_aws/execute-api/${apiId}/`],
    [`${url}/models?all=1`, `http://127.0.0.1:1/_aws/execute-api/${apiId}/models?all=1`],
    [`${url}/v1/models`, `http://127.0.0.1:1/_aws/execute-api/${apiId}/v1/models`],
    [url.replace("https", "wss"), `ws://127.0.0.1:1/_aws/execute-api/${apiId}/`],
    ["https://example.com/models", "https://example.com/models"],
    [`https://execute-api.${region}.amazonaws.com/`, `https://execute-api.${region}.amazonaws.com/`],
    [`https://evil.example/?${url}`, `https://evil.example/?${url}`],
  ];
  for (const [address, local] of cases)
    it(`${address} is ${local}`, () => {
      assert.equal(localAddress(address, "http://127.0.0.1:1"), local);
    });
});

describe("live HTTP APIs", function () {
  this.timeout(120_000);
  let lab: LiveLab;
  let live: LiveCloud;
  before(async () => {
    lab = await openLiveLab();
    live = await lab.connect();
    const models = route("r1", "GET /models");
    const predict = route("r2", "POST /predict", { authorizationType: "AWS_IAM" });
    const functions: CloudResource[] = [publishedFunction("one", 1), aliasAt("1"), publishedFunction("two", 2)];
    const gateway = [api, integration, models, predict, stage("$default")];
    for (const resource of [...functions, ...gateway, ...gateway]) await live.ensure(resource);
  });
  after(async () => {
    await live?.close();
    await lab?.close();
  });

  const get = (path: string, init?: RequestInit) => fetch(live.urlOf(`${url}${path}`), init);
  const said = async (path: string) => (await (await get(path)).json()) as Said;

  it("answer at the local form of their address, through the alias", async () => {
    const { word, version, path } = await said("/models");
    assert.deepEqual([word, version, path], ["one", "1", "/models"]);
  });

  it("do not know other paths and methods", async () => {
    assert.equal((await get("/nothing")).status, 404);
    assert.equal((await get("/models", { method: "DELETE" })).status, 404);
  });

  it("want a signature where the route says so", async () => {
    assert.equal((await get("/predict", { method: "POST", body: "{}" })).status, 403);
    const headers = { authorization: "AWS4-HMAC-SHA256 Credential=x" };
    assert.equal((await get("/predict", { method: "POST", body: "{}", headers })).status, 200);
  });

  it("weigh the versions of the alias", async () => {
    const weights = { AdditionalVersionWeights: { "2": 0.1 } };
    const shift = { FunctionName: "said", Name: "live", FunctionVersion: "1", RoutingConfig: weights };
    await new LambdaClient(settings(live)).send(new UpdateAliasCommand(shift));
    assert.deepEqual(await tally(20, async () => (await said("/models")).version), { "1": 18, "2": 2 });
  });

  it("serve a named stage under its name", async () => {
    await live.ensure(stage("v1"));
    assert.equal((await said("/v1/models")).path, "/models");
    await live.remove(stage("v1"));
    assert.equal((await get("/v1/models")).status, 404);
  });

  it("rename a route, and forget one that is gone", async () => {
    const keys = async () => {
      const { Items = [] } = await new ApiGatewayV2Client(settings(live)).send(new GetRoutesCommand({ ApiId: apiId }));
      return Items.map(({ RouteKey }) => RouteKey).sort();
    };
    await live.ensure(route("r1", "GET /list"));
    assert.deepEqual(await keys(), ["GET /list", "POST /predict"]);
    await live.remove(route("r1", "GET /list"));
    assert.deepEqual(await keys(), ["POST /predict"]);
  });

  it("say what is missing", async () => {
    const lost = route("r3", "GET /lost", { target: "integrations/nobody" });
    await assert.rejects(live.ensure(lost), /integration nobody is not in the emulator/);
  });

  it("are gone with everything in them", async () => {
    for (const resource of [stage("$default"), route("r2", "POST /predict"), integration, api])
      await live.remove(resource);
    assert.equal((await get("/models")).status, 404);
    await live.remove(api);
  });
});
