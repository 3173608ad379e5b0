import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { boundRoles, boundedName } from "../../../components/delivery/bounded-roles.ts";
import { boundaryStatements } from "../../../components/delivery/boundary.ts";
import { DeliveryIdentity, jobsOf } from "../../../components/delivery/delivery-identity.ts";
import { deliveryPolicies } from "../../../components/delivery/permissions/policies.ts";
import { type GitHubRepository, subjectsOf, trustStatement } from "../../../components/delivery/trust.ts";
import { type Statement, policyDocument } from "../../../components/shared/iam.ts";
import { policyOf, promised, run } from "../../support/harness.ts";

const github: GitHubRepository = {
  owner: { name: "acme", id: 7 },
  repository: { name: "platform", id: 9 },
  subjects: "both",
};
const operations = { account: "111111111111", region: "us-east-1" };
const scope = { environment: "dev", account: "222222222222", region: "us-east-1", operations, disposable: true };
const scopes = ["dev", "staging", "prod", "operations"].map((environment) => ({
  ...scope,
  environment,
  account: environment === "operations" ? operations.account : scope.account,
}));
const provider = "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com";

describe("components/delivery/trust", () => {
  it("writes subjects by name, by id, or both", () => {
    const legacy = "repo:acme/platform:environment:prod";
    const immutable = "repo:acme@7/platform@9:environment:prod";
    const of = (subjects: GitHubRepository["subjects"]) => subjectsOf({ ...github, subjects }, { environment: "prod" });
    assert.deepEqual([of("legacy"), of("immutable"), of("both")], [[legacy], [immutable], [legacy, immutable]]);
    assert.deepEqual(subjectsOf(github, "pull_request"), [
      "repo:acme/platform:pull_request",
      "repo:acme@7/platform@9:pull_request",
    ]);
  });

  it("asks for all claims in one statement, each as it is", () => {
    const workflows = [".github/workflows/deploy.yml@refs/heads/main"];
    assert.deepEqual(trustStatement(provider, github, { environment: "dev" }, workflows), {
      sid: "EnvironmentJobs",
      principals: { Federated: provider },
      actions: ["sts:AssumeRoleWithWebIdentity"],
      conditions: {
        StringEquals: {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:sub": [
            "repo:acme/platform:environment:dev",
            "repo:acme@7/platform@9:environment:dev",
          ],
          "token.actions.githubusercontent.com:repository_id": "9",
          "token.actions.githubusercontent.com:job_workflow_ref": [
            "acme/platform/.github/workflows/deploy.yml@refs/heads/main",
          ],
          "token.actions.githubusercontent.com:environment": "dev",
        },
      },
    });
  });

  it("opens to pull requests nothing but dev's preview", () => {
    const opened = scopes.flatMap(({ environment }) =>
      (["deploy", "preview"] as const)
        .filter((purpose) => jobsOf(environment, purpose).includes("pull_request"))
        .map((purpose) => `${environment} ${purpose}`),
    );
    assert.deepEqual(opened, ["dev preview"]);
  });
});

/** Characters as IAM counts them. */
async function sizeOf(statements: readonly Statement[]): Promise<number> {
  return (await promised(policyDocument(statements))).replaceAll(/\s/gu, "").length;
}

describe("components/delivery, sizes and wildcards", () => {
  it("keeps every policy within what IAM stores, and roles within ten policies", async () => {
    for (const one of scopes) {
      assert.ok((await sizeOf(boundaryStatements(one))) <= 6_144, `boundary of ${one.environment}`);
      for (const purpose of ["deploy", "preview"] as const) {
        const policies = Object.entries(deliveryPolicies(one, purpose));
        assert.ok(policies.length <= 10, `${one.environment} ${purpose}`);
        for (const [group, statements] of policies) {
          assert.ok((await sizeOf(statements)) <= 6_144, `${one.environment} ${purpose} ${group}`);
        }
      }
    }
  });

  it("allows no whole service outside the boundary, and everything only with a reason", () => {
    for (const one of scopes) {
      for (const purpose of ["deploy", "preview"] as const) {
        const statements = Object.values(deliveryPolicies(one, purpose)).flat();
        for (const { sid, effect, actions, resources, wildcardReason } of statements) {
          if (effect === "Deny") continue;
          assert.deepEqual(
            actions.filter((action) => /:\*$|^\*$/u.test(action)),
            [],
            sid,
          );
          assert.equal(resources?.includes("*"), wildcardReason !== undefined, sid);
        }
      }
    }
  });

  it("gives what only looks no verb that changes anything, but for the two documents that a look leaves behind", () => {
    const reading =
      /^(?:ec2:Describe\*|eks:(?:Describe|List)\*|\w[\w-]*:(?:Describe|Get|List|View)\w*|apigateway:GET|kms:Decrypt)$/u;
    for (const one of scopes) {
      const statements = Object.values(deliveryPolicies(one, "preview")).flat();
      const allowed = statements.filter(({ effect }) => effect !== "Deny").flatMap(({ actions }) => actions);
      const writing = ["s3:PutObject", "kms:GenerateDataKey"];
      assert.deepEqual(
        allowed.filter((action) => !reading.test(action)),
        writing,
        one.environment,
      );
      const where = statements.filter(({ actions }) => actions.some((action) => writing.includes(action)));
      const kept = "arn:aws:s3:::slipway-state-111111111111-us-east-1/slipway";
      assert.deepEqual(
        where.map(({ resources }) => resources),
        [
          [`${kept}/drift/${one.environment}.json`, `${kept}/notified/${one.environment}/drift.json`],
          ["arn:aws:kms:us-east-1:111111111111:key/*"],
        ],
      );
    }
  });
});

describe("components/delivery/DeliveryIdentity", () => {
  const workflows = {
    deploy: [".github/workflows/deploy.yml@refs/heads/main"],
    preview: [".github/workflows/preview.yml@refs/heads/main"],
  };

  it("has both roles under the boundary for an hour, and hangs their policies on to them", async () => {
    const { get, ofType } = await run(() => void new DeliveryIdentity("delivery", { ...scope, github, workflows }), {
      outputs: { "aws:iam/policy:Policy": (_, { name }) => ({ arn: `arn:policy/${String(name)}` }) },
    });
    for (const purpose of ["deploy", "preview"] as const) {
      const { inputs } = get("aws:iam/role:Role", `delivery-${purpose}`);
      assert.equal(inputs.name, `slipway-${purpose}`);
      assert.equal(inputs.maxSessionDuration, 3_600);
      assert.equal(inputs.permissionsBoundary, "arn:policy/slipway-boundary");
    }
    assert.equal(policyOf(get("aws:iam/role:Role", "delivery-deploy"), "assumeRolePolicy").Statement.length, 1);
    assert.equal(policyOf(get("aws:iam/role:Role", "delivery-preview"), "assumeRolePolicy").Statement.length, 2);
    const attached = ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment").map(({ inputs }) => inputs.policyArn);
    const made = ofType("aws:iam/policy:Policy").map(({ inputs }) => `arn:policy/${String(inputs.name as string)}`);
    assert.deepEqual(attached.sort(), made.filter((arn) => !arn.endsWith("boundary")).sort());
  });
});

describe("components/delivery/boundRoles", () => {
  const place = { environment: "dev", account: "222222222222", region: "us-east-1" };

  /** What the transform makes of one resource. */
  async function bound(type: string, name: string, props: Record<string, unknown>) {
    let result: pulumi.ResourceTransformResult | undefined;
    await run(async () => {
      const boundary = new pulumi.ComponentResource("test:index:Boundary", "boundary");
      result = await boundRoles(place, boundary)({ custom: true, type, name, props, opts: { dependsOn: [] } });
    });
    return result;
  }

  it("bounds and names roles, wherever they are, and lets them wait for the boundary", async () => {
    const result = await bound("aws:iam/role:Role", "cluster-eksRole-role", { assumeRolePolicy: "{}" });
    assert.deepEqual(result?.props, {
      assumeRolePolicy: "{}",
      name: "slipway-dev-cluster-eksRole-role",
      permissionsBoundary: "arn:aws:iam::222222222222:policy/slipway-boundary",
    });
    assert.equal((result.opts.dependsOn as unknown[]).length, 1);
  });

  it("leaves names that were given, and everything that is no role", async () => {
    const named = await bound("aws:iam/role:Role", "x", { name: "slipway-dev-data-quality" });
    assert.equal((named?.props as { name: string }).name, "slipway-dev-data-quality");
    assert.equal(await bound("aws:iam/policy:Policy", "x", {}), undefined);
  });

  it("refuses a name that IAM would refuse", () => {
    assert.throws(() => boundedName(place, "x".repeat(53)), /has 65 characters, at most 64/u);
  });
});
