import assert from "node:assert/strict";
import { judgeAnswer, judgeSimulatedFunction, lambda, type Answer } from "../../automation/verify/kinds/lambda.ts";
import type { VerifyTargets } from "../../automation/verify/check-kind.ts";
import { AwsFault, RawAnswer, startFakeAws, type AwsHandler, type FakeAws } from "../support/fake-aws.ts";
import { awsContext } from "./aws-context.ts";

const check = {
  ...{ kind: "lambda" as const, name: "models-api", region: "us-east-1", function: "models-api", qualifier: "live" },
  ...{ payload: '{"rawPath":"/models"}', status: 200, contains: "housing" },
};
const good = '{"statusCode":200,"body":"[{\\"name\\":\\"housing\\"}]"}';

describe("the answer of a function", () => {
  const answer = (changes: Partial<Answer>): Answer => ({ error: undefined, body: good, version: "7", ...changes });
  const table: [title: string, given: Answer, state: string, detail: string][] = [
    ["as expected", answer({}), "passed", "models-api:live answered 200, version 7"],
    ["without a version", answer({ version: undefined }), "passed", "models-api:live answered 200"],
    [
      "that is an error",
      answer({ error: "Unhandled", body: '{"errorType":"KeyError","errorMessage":"\'MODEL_REGISTRY\'"}' }),
      "pending",
      "models-api:live failed: KeyError: 'MODEL_REGISTRY'",
    ],
    [
      "that is an error without JSON",
      answer({ error: "Unhandled", body: "boom" }),
      "pending",
      "models-api:live failed: boom",
    ],
    [
      "with another status",
      answer({ body: '{"statusCode":503}' }),
      "pending",
      "models-api:live answered 503, expected 200",
    ],
    [
      "without a status",
      answer({ body: "[]" }),
      "pending",
      "models-api:live answered without a status: [], expected 200",
    ],
    [
      "without the text",
      answer({ body: '{"statusCode":200,"body":"[]"}' }),
      "pending",
      'models-api:live answered without the text "housing": {"statusCode":200,"body":"[]"}',
    ],
  ];
  for (const [title, given, state, detail] of table)
    it(title, () => assert.deepEqual(judgeAnswer(check, given), { state, detail }));

  it("is only shown in part where it is long", () => {
    const { detail } = judgeAnswer(check, answer({ error: "Unhandled", body: "x".repeat(5000) }));
    assert.ok(detail.length < 300, detail);
  });

  it("is any where nothing is said of it", () => {
    const { status: _, contains: __, qualifier: ___, ...bare } = check;
    assert.deepEqual(judgeAnswer(bare, answer({ body: '"done"', version: "$LATEST" })), {
      ...{ state: "passed", detail: "models-api answered, version $LATEST" },
    });
  });
});

describe("a function that the sandbox only remembers", () => {
  const stands = { name: "live", functionName: "models-api" };

  it("stands, and is not said to have answered", () => {
    assert.deepEqual(judgeSimulatedFunction(check, [{ name: "live", functionName: "other" }, stands]), {
      ...{ state: "passed", simulated: true, detail: "simulated: models-api:live stands, nothing ran" },
    });
    const { qualifier: _, ...bare } = check;
    for (const one of [bare, { ...bare, qualifier: "7" }])
      assert.equal(judgeSimulatedFunction(one, [{ name: "models-api" }]).state, "passed");
  });

  it("fails where it is not there", async () => {
    assert.deepEqual(judgeSimulatedFunction(check, []), {
      state: "failed",
      detail: "no such function: models-api:live",
    });
    const asked: string[] = [];
    const aws: VerifyTargets["aws"] = () =>
      Promise.resolve({ simulated: true, resources: (type) => (asked.push(type), []) });
    const context = awsContext("http://127.0.0.1:9");
    assert.equal((await lambda.probe(check, { ...context, targets: { ...context.targets, aws } })).state, "failed");
    assert.deepEqual(asked, ["aws:lambda/alias:Alias"]);
  });
});

describe("a function in Lambda", () => {
  let server: FakeAws;
  let answer: AwsHandler;

  before(async () => (server = await startFakeAws((request) => answer(request))));
  after(() => server.close());
  const probe = () => lambda.probe(check, awsContext(server.endpoint));

  it("is asked by its alias with the payload of the check", async () => {
    answer = () => new RawAnswer(good, { "x-amz-executed-version": "7" });
    assert.deepEqual(await probe(), { state: "passed", detail: "models-api:live answered 200, version 7" });
    assert.deepEqual(server.requests.at(-1), {
      operation: "POST /2015-03-31/functions/models-api/invocations?Qualifier=live",
      body: { rawPath: "/models" },
    });
  });

  it("that fails is asked again", async () => {
    answer = () => new RawAnswer('{"errorMessage":"no"}', { "x-amz-function-error": "Unhandled" });
    assert.deepEqual(await probe(), { state: "pending", detail: "models-api:live failed: no" });
  });

  const faults: [type: string, status: number, state: string][] = [
    ["ResourceNotFoundException", 404, "failed"],
    ["AccessDeniedException", 403, "failed"],
    ["ResourceConflictException", 409, "pending"],
  ];
  for (const [type, status, state] of faults)
    it(`that is refused with ${type} is ${state}`, async () => {
      answer = () => {
        throw new AwsFault(type, "because", status);
      };
      assert.deepEqual(await probe(), { state, detail: "models-api:live: because" });
    });
});
