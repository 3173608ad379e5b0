import assert from "node:assert/strict";
import {
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

describe("an endpoint that the sandbox only remembers", () => {
  it("stands, and is not said to have predicted", () => {
    assert.deepEqual(judgeSimulatedEndpoint(check, [{ name: "slipway-dev-housing" }]), {
      ...{ state: "passed", simulated: true, detail: "simulated: slipway-dev-housing stands, nothing predicted" },
    });
  });

  it("is no other", () => {
    assert.deepEqual(judgeSimulatedEndpoint(check, [{ name: "other" }]), {
      ...{ state: "failed", detail: "no such endpoint: slipway-dev-housing" },
    });
  });
});

describe("an endpoint in SageMaker", () => {
  let server: FakeAws;
  let described: () => unknown;

  before(async () => {
    server = await startFakeAws(({ operation }) => {
      if (operation === "SageMaker.DescribeEndpoint") return described();
      return new RawAnswer('{"predictions":[1,2]}', { "content-type": "application/json" });
    });
  });
  after(() => server.close());
  beforeEach(() => {
    described = () => ({ EndpointName: check.endpoint, EndpointStatus: "InService" });
    server.requests.length = 0;
  });

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

  it("that is missing fails", async () => {
    described = () => {
      throw new AwsFault("ValidationException", 'Could not find endpoint "slipway-dev-housing".');
    };
    assert.deepEqual(await probe(), { state: "failed", detail: "no such endpoint: slipway-dev-housing" });
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
