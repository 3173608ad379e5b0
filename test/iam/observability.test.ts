import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { made, everything } from "../components/observability/fixture.ts";
import { policyOf } from "../support/harness.ts";
import { mayDo } from "./simulate.ts";
import { type Row, may, not } from "./table/row.ts";
import type { Document, Role, World } from "./world.ts";

const account = "222222222222";
const world: World = { roles: [], resources: new Map() };
const bucket = `arn:aws:s3:::slipway-dev-checks-bucket-${account}-us-east-1`;
const logs = (group: string) => `arn:aws:logs:us-east-1:${account}:log-group:/aws/lambda/${group}:log-stream:x`;
const namespace = (name: string) => ({ "cloudwatch:namespace": name });

/** Rows of the roles that an environment has only where its stack file names what needs them. */
const table: Record<string, readonly Row[]> = {
  "observability-chat": [
    may("cloudwatch:GetMetricWidgetImage", "*"),
    not("cloudwatch:PutMetricAlarm", `arn:aws:cloudwatch:us-east-1:${account}:alarm:slipway-dev-rollback`),
    not("lambda:InvokeFunction", `arn:aws:lambda:us-east-1:${account}:function:slipway-dev-data-publish`),
    not("logs:GetLogEvents", logs("slipway-dev-data-publish")),
    not("sns:Publish", `arn:aws:sns:us-east-1:${account}:slipway-dev-data-critical`),
  ],
  "observability-http": [
    may("s3:PutObject", `${bucket}/results/x.json`),
    not("s3:PutObject", `${bucket}/scripts/x.zip`),
    not("s3:GetObject", `${bucket}/results/x.json`),
    may("cloudwatch:PutMetricData", "*", namespace("CloudWatchSynthetics")),
    not("cloudwatch:PutMetricData", "*", namespace("Slipway/Delivery")),
    may("logs:PutLogEvents", logs("cwsyn-slipway-dev-http-0a1b")),
    not("logs:PutLogEvents", logs("slipway-dev-data-publish")),
    not("logs:CreateLogGroup", `arn:aws:logs:us-east-1:${account}:log-group:/aws/lambda/cwsyn-slipway-dev-http-0a1b`),
    not("execute-api:Invoke", `arn:aws:execute-api:us-east-1:${account}:abc123/$default/POST/predict`),
  ],
};

describe("test/iam: roles of what observes an environment, where it is wanted", () => {
  for (const [name, rows] of Object.entries(table))
    it(`${name} (${rows.length} rows)`, async () => {
      const { get } = await made({ settings: everything });
      const policy = policyOf(get("aws:iam/rolePolicy:RolePolicy", `${name}-policy`)) as unknown as Document;
      const trust = policyOf(get("aws:iam/role:Role", `${name}-role`), "assumeRolePolicy") as unknown as Document;
      const arn = `arn:aws:iam::${account}:role/slipway-dev-${name}-role`;
      const own = { stack: "dev", account, name, arn, sessionSeconds: 3600, boundary: undefined } as const;
      const role: Role = { ...own, trust, policies: [{ name, policy }] };
      const wrong: string[] = [];
      for (const { action, resource, context, may: expected } of rows)
        if ((await mayDo(world, role, action, resource, context)) !== expected) wrong.push(`${action} on ${resource}`);
      assert.deepEqual(wrong, []);
    });

  it("are all there are", async () => {
    const roles = (await made({ settings: everything })).ofType("aws:iam/role:Role").map(({ name }) => name);
    assert.deepEqual(
      roles.sort(),
      Object.keys(table).map((name) => `${name}-role`),
    );
  });
});
