import assert from "node:assert/strict";
import { describe, it } from "mocha";
import program from "../../index.ts";
import { policyOf, run } from "../support/harness.ts";
import { siblingStacks } from "../support/operations-outputs.ts";
import { stackConfig } from "../support/stack-files.ts";
import { environmentDelivery, operationsDelivery } from "./expected-delivery.ts";
import { expectedResources } from "./expected.ts";

/** A real stack file, with or without `slipway:github`. */
async function runStack(stack: "operations" | "dev", github = true) {
  const { "slipway:github": delivery, ...rest } = stackConfig(stack);
  const config = github && delivery !== undefined ? { ...rest, "slipway:github": delivery } : rest;
  return await run(program, { stack, config, stacks: siblingStacks });
}

const statePolicy = "operations-states-policy";
const sidsOf = (resource: Parameters<typeof policyOf>[0]) => policyOf(resource).Statement.map(({ Sid }) => Sid);

describe("program: delivery", function () {
  this.timeout(60_000);

  for (const [stack, delivery] of [
    ["dev", environmentDelivery],
    ["operations", operationsDelivery],
  ] as const) {
    it(`leaves all of it out of ${stack} where no repository is named`, async () => {
      const { list, ofType } = await runStack(stack, false);
      assert.deepEqual(
        list(),
        expectedResources(stack).filter((resource) => !delivery.includes(resource)),
      );
      const bounded = ofType("aws:iam/role:Role").filter(({ inputs }) => inputs.permissionsBoundary !== undefined);
      assert.deepEqual(bounded, []);
    });
  }

  it("lets every role of a pipeline wait for the boundary that it is under, and names it after its environment", async () => {
    const roles = (await runStack("dev"))
      .ofType("aws:iam/role:Role")
      .filter(({ name }) => !name.startsWith("delivery-"));
    assert.ok(roles.length > 10);
    for (const { name, inputs, dependsOn } of roles) {
      assert.match(String(inputs.name), /^slipway-dev-/u, name);
      assert.ok(dependsOn.includes("aws:iam/policy:Policy delivery-boundary"), name);
    }
  });

  it("opens the state to the environments' roles, and to nobody where there are none", async () => {
    const type = "aws:s3/bucketPolicy:BucketPolicy";
    assert.deepEqual(sidsOf((await runStack("operations", false)).get(type, statePolicy)), ["DenyPlainHttp"]);
    assert.deepEqual(sidsOf((await runStack("operations")).get(type, statePolicy)), [
      "DenyPlainHttp",
      ...["Dev", "Staging", "Prod"].flatMap((name) =>
        ["Read", "List", "Write", "Clear", "Look"].map((verb) => verb + name),
      ),
    ]);
  });

  it("makes a webhook only where a stack file asks for one, and not without what its deliveries are signed with", async () => {
    const config = stackConfig("operations");
    const github = JSON.parse(config["slipway:github"] ?? "{}") as object;
    const webhook = { url: "https://hooks.example.com/slipway", events: ["release", "deployment_status"] };
    const hooked = { ...config, "slipway:github": JSON.stringify({ ...github, webhook }) };
    const made = () => run(program, { stack: "operations", config: hooked, stacks: siblingStacks });
    const type = "github:index/repositoryWebhook:RepositoryWebhook";
    assert.deepEqual((await runStack("operations")).ofType(type), []);
    const before = process.env["SLIPWAY_WEBHOOK_SECRET"];
    try {
      process.env["SLIPWAY_WEBHOOK_SECRET"] = "short-canary";
      await assert.rejects(made(), (error: Error) => {
        assert.match(error.message, /SLIPWAY_WEBHOOK_SECRET: got 12 characters, expected at least 20/u);
        return !error.message.includes("canary");
      });
      process.env["SLIPWAY_WEBHOOK_SECRET"] = "canary-0123456789abcdef";
      const { inputs } = (await made()).get(type, "github-webhook");
      assert.deepEqual(inputs.events, ["deployment_status", "release"]);
    } finally {
      if (before === undefined) delete process.env["SLIPWAY_WEBHOOK_SECRET"];
      else process.env["SLIPWAY_WEBHOOK_SECRET"] = before;
    }
  });
});
