import assert from "node:assert/strict";
import {
  judgeMissing,
  judgePredictions,
  judgeSimulatedEndpoint,
  judgeState,
  sagemakerEndpoint,
} from "../../automation/verify/kinds/sagemaker-endpoint.ts";
import type { Probe, ProbeContext } from "../../automation/verify/check-kind.ts";
import { AwsFault, RawAnswer, startFakeAws, type FakeAws } from "../support/fake-aws.ts";
import { awsContext } from "./aws-context.ts";

const check = {
  ...{ kind: "sagemaker-endpoint" as const, name: "housing", region: "us-east-1", endpoint: "slipway-dev-housing" },
  ...{ payload: '{"rows":[{"area":90},{"area":50}]}', predictions: 2, timeoutSeconds: 60 },
};
const registered = { ...check, registry: "s3://models/registry/housing" };

describe("the state of an endpoint", () => {
  const table: [status: string, reason: string | undefined, state: Probe["state"] | undefined][] = [
    ["InService", undefined, undefined],
    ["InService", "alarm rang", undefined],
    ["Creating", undefined, "pending"],
    ["Updating", undefined, "pending"],
    ["SystemUpdating", undefined, "pending"],
    ["RollingBack", "alarm rang", "failed"],
    ["Failed", "no capacity", "failed"],
    ["OutOfService", undefined, "failed"],
    ["Deleting", undefined, "failed"],
  ];
  for (const [status, reason, state] of table)
    it(`${status}${reason === undefined ? "" : ` as ${reason}`} ${state === undefined ? "may be asked" : `is ${state}`}`, () => {
      const probe = judgeState(check, { status, reason });
      assert.equal(probe?.state, state);
      if (probe !== undefined && reason !== undefined)
        assert.equal(probe.detail, `slipway-dev-housing is ${status}: ${reason}`);
    });
});

describe("what an endpoint predicts", () => {
  const table: [body: string, state: Probe["state"], detail: string][] = [
    ['{"predictions":[1.5,2]}', "passed", "slipway-dev-housing is in service, 2 predictions"],
    ['{"predictions":[1.5]}', "failed", "slipway-dev-housing gave 1 prediction, expected 2"],
    ['{"predictions":[1.5,null]}', "failed", "slipway-dev-housing: prediction 2 is no number: null"],
    ['{"predictions":[1e999,2]}', "failed", "slipway-dev-housing: prediction 1 is no number: null"],
    ['{"predictions":["3",2]}', "failed", 'slipway-dev-housing: prediction 1 is no number: "3"'],
    ['{"detail":"no"}', "failed", 'slipway-dev-housing answered without predictions: {"detail":"no"}'],
    ["<html>", "failed", "slipway-dev-housing answered without predictions: <html>"],
  ];
  for (const [body, state, detail] of table)
    it(`${body} is ${state}`, () => assert.deepEqual(judgePredictions(check, body), { state, detail }));

  it("is told with why its last change was taken back", () =>
    assert.equal(
      judgePredictions(check, '{"predictions":[1,2]}', "alarm rang").detail,
      "slipway-dev-housing is in service, 2 predictions; its last change was taken back: alarm rang",
    ));
});

describe("an endpoint that is not there", () => {
  it("fails, unless the registry may say that there is nothing to serve yet", () => {
    assert.deepEqual(judgeMissing(check, false), { state: "failed", detail: "no such endpoint: slipway-dev-housing" });
    assert.deepEqual(judgeMissing(registered, true), {
      ...{ state: "pending", detail: "a model is approved, but there is no endpoint slipway-dev-housing" },
    });
    assert.equal(judgeMissing(registered, false).state, "passed");
  });

  it("is no other in a simulated cloud", () => {
    assert.deepEqual(judgeSimulatedEndpoint(check, [{ name: "slipway-dev-housing" }]), {
      ...{ state: "passed", simulated: true, detail: "simulated: slipway-dev-housing stands, nothing predicted" },
    });
    assert.equal(judgeSimulatedEndpoint(check, [{ name: "other" }]).state, "failed");
    assert.equal(judgeSimulatedEndpoint(registered, []).state, "passed");
  });
});

describe("an endpoint in SageMaker", () => {
  let server: FakeAws;
  let described: () => unknown;
  let approved: boolean;

  before(async () => {
    server = await startFakeAws(({ operation }) => {
      if (operation === "SageMaker.DescribeEndpoint") return described();
      if (operation.startsWith("GET /models")) return new RawAnswer(listing(approved), { "content-type": "text/xml" });
      return new RawAnswer('{"predictions":[1,2]}', { "content-type": "application/json" });
    });
  });
  after(() => server.close());
  beforeEach(() => {
    described = () => ({ EndpointName: check.endpoint, EndpointStatus: "InService" });
    approved = false;
    server.requests.length = 0;
  });

  const listing = (some: boolean) =>
    `<ListBucketResult><Name>models</Name>${some ? "<Contents><Key>registry/housing/approved.json</Key></Contents>" : ""}</ListBucketResult>`;
  const probe = (one: Parameters<typeof sagemakerEndpoint.probe>[0] = check, standIn?: string) => {
    const context = awsContext(server.endpoint);
    const asked: (string | undefined)[] = [];
    const targets: ProbeContext["targets"] = {
      ...context.targets,
      aws: (_, service) => {
        asked.push(service);
        const marked = standIn === undefined || service === undefined ? {} : { standIn };
        return Promise.resolve({ simulated: false, config: context.config, ...marked });
      },
    };
    return sagemakerEndpoint.probe(one, { ...context, targets });
  };
  const missing = () => {
    throw new AwsFault("ValidationException", 'Could not find endpoint "slipway-dev-housing".');
  };

  it("is described, then asked with the payload of the check", async () => {
    assert.deepEqual(await probe(), { state: "passed", detail: "slipway-dev-housing is in service, 2 predictions" });
    assert.deepEqual(server.requests, [
      { operation: "SageMaker.DescribeEndpoint", body: { EndpointName: "slipway-dev-housing" } },
      {
        operation: "POST /endpoints/slipway-dev-housing/invocations",
        body: { rows: [{ area: 90 }, { area: 50 }] },
      },
    ]);
  });

  it("is never taken for the real one where something stands in for it", async () => {
    assert.deepEqual(await probe(check, "simulated endpoint"), {
      ...{ state: "passed", simulated: true },
      detail: "simulated endpoint: slipway-dev-housing is in service, 2 predictions",
    });
    described = () => ({ EndpointStatus: "Failed", FailureReason: "no model" });
    assert.deepEqual(await probe(check, "simulated endpoint"), {
      ...{ state: "failed", simulated: true, detail: "simulated endpoint: slipway-dev-housing is Failed: no model" },
    });
  });

  it("that is being made is not asked", async () => {
    described = () => ({ EndpointStatus: "Creating" });
    assert.deepEqual(await probe(), { state: "pending", detail: "slipway-dev-housing is Creating" });
    assert.equal(server.requests.length, 1);
  });

  it("that is missing is well only while the registry has no approved model", async () => {
    described = missing;
    assert.equal((await probe()).state, "failed");
    assert.deepEqual(await probe(registered), {
      ...{ state: "passed", detail: "no endpoint slipway-dev-housing yet, as no model is approved" },
    });
    approved = true;
    assert.equal((await probe(registered)).state, "pending");
    const listed = server.requests.map(({ operation }) => operation).filter((one) => one.startsWith("GET"));
    assert.match(listed[0] ?? "", /^GET \/models\/?\?.*prefix=registry%2Fhousing%2Fapproved\.json/u);
  });

  it("that nobody may look at fails, and that cannot be reached is asked again", async () => {
    described = () => {
      throw new AwsFault("AccessDeniedException", "not allowed");
    };
    assert.deepEqual(await probe(), { state: "failed", detail: "slipway-dev-housing: not allowed" });
    described = () => {
      throw new AwsFault("ValidationException", "something else");
    };
    assert.equal((await probe()).state, "pending");
  });
});
