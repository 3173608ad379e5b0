import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { policyOf } from "../../../support/harness.ts";
import { allow, traces } from "../../data/statements.ts";
import { alarm, group, hook, logs, made, scope, target } from "./fixture.ts";

const policy = (result: Awaited<ReturnType<typeof made>>, name: string) =>
  policyOf(result.get("aws:iam/rolePolicy:RolePolicy", `api-${name}-policy`)).Statement;

describe("access of components/model/InferenceApi", () => {
  it("gives the function behind the API its registry and its endpoint alone", async () => {
    const bucket = "arn:aws:s3:::slipway-dev-model-bucket";
    const read = [
      allow("ReadRegistry", ["s3:GetObject"], [`${bucket}/registry/slipway-dev-housing/index.json`]),
      allow("ListRegistry", ["s3:ListBucket"], [bucket], {
        StringLikeIfExists: { "s3:prefix": ["registry/slipway-dev-housing/*"] },
      }),
      allow("UseKey", ["kms:Decrypt"], ["arn:key"], {
        StringEquals: { "kms:ViaService": ["s3.us-east-1.amazonaws.com"] },
      }),
    ];
    const ask = allow(
      "AskEndpoint",
      ["sagemaker:InvokeEndpoint"],
      ["arn:aws:sagemaker:us-east-1:222222222222:endpoint/slipway-dev-housing"],
    );
    const write = writeLogs("models-api");
    assert.deepEqual(policy(await made(), "models-api"), [...read, ask, write, traces]);
    const { endpoint: _, ...without } = scope;
    const bare = await made({ scope: without });
    assert.deepEqual(policy(bare, "models-api"), [...read, write, traces]);
    const { variables } = bare.get("aws:lambda/function:Function", "api-models-api-function").inputs.environment as {
      variables: Record<string, string>;
    };
    assert.equal(Object.hasOwn(variables, "ENDPOINT_NAME"), false);
  });

  it("lets a hook ask the versions and report to its deployment, nothing else", async () => {
    const result = await made();
    for (const phase of ["before", "after"])
      assert.deepEqual(policy(result, `hook-${phase}`), [
        allow("AskVersions", ["lambda:InvokeFunction"], [`${target}:*`]),
        allow("ReadDeployment", ["codedeploy:GetDeployment"], [group]),
        allow("ReportToDeployment", ["codedeploy:PutLifecycleEventHookExecutionStatus"], ["*"]),
        allow("ReadAlias", ["lambda:GetAlias"], [target, `${target}:live`]),
        writeLogs(`traffic-hook-${phase}`),
        traces,
      ]);
  });

  it("lets CodeDeploy move this alias, ask these hooks and look at these alarms, nothing else", async () => {
    const result = await made();
    assert.deepEqual(policy(result, "traffic"), [
      allow("MoveAlias", ["lambda:GetAlias", "lambda:UpdateAlias"], [target, `${target}:live`]),
      allow("ReadProvisionedConcurrency", ["lambda:GetProvisionedConcurrencyConfig"], [`${target}:*`]),
      allow(
        "AskHooks",
        ["lambda:InvokeFunction"],
        [hook("before"), `${hook("before")}:*`, hook("after"), `${hook("after")}:*`],
      ),
      allow("WatchAlarms", ["cloudwatch:DescribeAlarms"], [alarm("errors"), alarm("latency")]),
    ]);
    const role = result.get("aws:iam/role:Role", "api-traffic-role");
    assert.deepEqual(policyOf(role, "assumeRolePolicy").Statement, [
      {
        Sid: "AssumedByService",
        Effect: "Allow",
        Principal: { Service: ["codedeploy.amazonaws.com"] },
        Action: ["sts:AssumeRole"],
        Condition: { StringEquals: { "aws:SourceAccount": "222222222222" } },
      },
    ]);
  });
});

function writeLogs(name: string): Record<string, unknown> {
  return allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [logs(name), `${logs(name)}:log-stream:*`]);
}
