import assert from "node:assert/strict";
import { type Simulation, runSimulation } from "@cloud-copilot/iam-simulate";
import { type Document, type Role, type World, region } from "./world.ts";

export type Context = Readonly<Record<string, string | string[]>>;

const issuer = "token.actions.githubusercontent.com";

/**
 * The simulator knows GitHub's own claims but neither `sub` nor `aud`, and of keys with a name of ours in them only those that write it
 * behind a slash; it leaves out of a request what it does not know. Keys that no policy of the program uses stand in for them, in
 * policies and in the request alike.
 */
const standIns: Readonly<Record<string, string>> = {
  [`${issuer}:sub`]: `${issuer}:actor`,
  [`${issuer}:aud`]: `${issuer}:actor_id`,
  "kms:EncryptionContext:aws:s3:arn": "kms:RequestAlias",
};

const contextWithStandIns = (given: Context): Context =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [standIns[key] ?? key, value]));

function withStandIns(policy: Document): Document {
  const text = JSON.stringify(policy);
  for (const stand of Object.values(standIns)) assert.ok(!text.includes(`"${stand}"`), `a policy uses ${stand}`);
  const replaced = Object.entries(standIns).reduce(
    (all, [key, stand]) => all.replaceAll(`"${key}"`, `"${stand}"`),
    text,
  );
  return JSON.parse(replaced) as Document;
}

/** Account of a resource: in its ARN, or for buckets in their name. */
function accountOf(resource: string, own: string): string {
  return /^arn:aws:[\w-]*:[\w-]*:(\d{12}):/.exec(resource)?.[1] ?? /-(\d{12})-/.exec(resource)?.[1] ?? own;
}

function policyOf({ resources }: World, resource: string) {
  const bucket = resource.startsWith("arn:aws:s3:::") ? resource.split("/")[0] : undefined;
  return resources.get(bucket ?? resource);
}

async function outcome(simulation: Simulation, given: Context): Promise<boolean> {
  const { action } = simulation.request;
  const result = await runSimulation(simulation, { simulationMode: "Strict" });
  assert.ok(
    result.resultType !== "error",
    `${action}: ${JSON.stringify(result.resultType === "error" && result.errors)}`,
  );
  const results = result.resultType === "single" ? [result.result] : result.results;
  const lost = results.flatMap(({ ignoredContextKeys = [] }) => ignoredContextKeys).filter((key) => key in given);
  assert.deepEqual(lost, [], `${action} knows no such condition keys`);
  return result.overallResult === "Allowed";
}

/** Whether a role may do something, by its policies, its boundary and the policy of the resource. */
export async function mayDo(
  world: World,
  role: Role,
  action: string,
  resource: string,
  context: Context = {},
): Promise<boolean> {
  const given = contextWithStandIns(context);
  const account = accountOf(resource, role.account);
  const found = policyOf(world, resource);
  const contextVariables = {
    "aws:PrincipalAccount": role.account,
    "aws:PrincipalArn": role.arn,
    "aws:RequestedRegion": region,
    "aws:ResourceAccount": account,
    "aws:SecureTransport": "true",
    ...given,
  };
  return await outcome(
    {
      request: {
        principal: `arn:aws:sts::${role.account}:assumed-role/${role.name}/session`,
        action,
        resource: { resource, accountId: account },
        contextVariables,
      },
      identityPolicies: role.policies.map(({ name, policy }) => ({ name, policy: withStandIns(policy) })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(found !== undefined && { resourcePolicy: withStandIns(found.policy) }),
      ...(role.boundary !== undefined && { permissionBoundaryPolicies: [role.boundary] }),
    },
    given,
  );
}

/** Whether a token with these claims may take a role on. Claims are named without the issuer. */
export async function mayAssume(role: Role, claims: Readonly<Record<string, string>>): Promise<boolean> {
  const given = contextWithStandIns(
    Object.fromEntries(Object.entries(claims).map(([claim, value]) => [`${issuer}:${claim}`, value])),
  );
  return await outcome(
    {
      request: {
        principal: `arn:aws:iam::${role.account}:oidc-provider/${issuer}`,
        action: "sts:AssumeRoleWithWebIdentity",
        resource: { resource: role.arn, accountId: role.account },
        contextVariables: given,
      },
      identityPolicies: [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: withStandIns(role.trust),
    },
    given,
  );
}
