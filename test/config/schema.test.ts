import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { rawSettings } from "../../config/load.ts";
import { type EnvironmentSettings, parseSettings } from "../../config/schema.ts";
import { stackConfig, stackNames } from "../support/stack-files.ts";

type Raw = Record<string, unknown>;

/** Raw settings of a real stack file, with one change. */
function changed(stack: string, change: (raw: Raw) => void): Raw {
  const raw = rawSettings(stackConfig(stack));
  change(raw);
  return raw;
}

function errorOf(raw: Raw, file?: string): SlipwayError {
  try {
    parseSettings(raw, file);
  } catch (error) {
    assert.ok(error instanceof SlipwayError, String(error));
    return error;
  }
  assert.fail("nothing was wrong");
}

const part = (raw: Raw, key: string) => raw[key] as Raw;

const bad: [title: string, stack: string, change: (raw: Raw) => void, line: string][] = [
  ["an unknown key", "dev", (raw) => (raw.netwrok = {}), "slipway:netwrok: unknown key. Did you mean slipway:network?"],
  ["a key like no other", "dev", (raw) => (raw.zzzzzzzz = 1), "slipway:zzzzzzzz: unknown key. Remove it."],
  [
    "an unknown nested key",
    "dev",
    (raw) => (part(raw, "network").cdir = "10.0.0.0/16"),
    "slipway:network.cdir: unknown key. Did you mean slipway:network.cidr?",
  ],
  [
    "an unknown key of a service",
    "dev",
    (raw) => (part(part(raw, "services"), "api").prot = 1),
    "slipway:services.api.prot: unknown key. Did you mean slipway:services.api.port?",
  ],
  [
    "a missing key",
    "dev",
    (raw) => delete part(raw, "network").cidr,
    "slipway:network.cidr: missing, expected a private IPv4 block between /16 and /20, e.g. 10.10.0.0/16.",
  ],
  [
    "an account id that YAML read as a number",
    "dev",
    (raw) => (part(raw, "account").id = 222222222222),
    'slipway:account.id: got 222222222222, expected an AWS account id: 12 digits in quotes, e.g. "111111111111".',
  ],
  [
    "a region that is none",
    "dev",
    (raw) => (part(raw, "account").region = "Virginia"),
    'slipway:account.region: got "Virginia", expected an AWS region, e.g. us-east-1.',
  ],
  [
    "a role of another account",
    "dev",
    (raw) => (part(raw, "account").assumeRole = "arn:aws:iam::999999999999:role/deploy"),
    'slipway:account.assumeRole: got "arn:aws:iam::999999999999:role/deploy", expected a role of the account in account.id.',
  ],
  [
    "a public block",
    "dev",
    (raw) => (part(raw, "network").cidr = "8.8.0.0/16"),
    'slipway:network.cidr: got "8.8.0.0/16", expected a private IPv4 block between /16 and /20, e.g. 10.10.0.0/16.',
  ],
  [
    "one zone",
    "dev",
    (raw) => (part(raw, "network").azCount = 1),
    "slipway:network.azCount: got 1, expected a whole number from 2 to 4.",
  ],
  [
    "a NAT strategy that is none",
    "dev",
    (raw) => (part(raw, "network").nat = "double"),
    'slipway:network.nat: got "double", expected one of none, single, perAz.',
  ],
  [
    "the whole internet",
    "dev",
    (raw) => (part(raw, "cluster").endpoint = { public: true, cidrs: ["0.0.0.0/0"] }),
    'slipway:cluster.endpoint.cidrs[0]: got "0.0.0.0/0", expected blocks that are not the whole internet.',
  ],
  [
    "a public endpoint for nobody",
    "dev",
    (raw) => (part(raw, "cluster").endpoint = { public: true }),
    "slipway:cluster.endpoint.cidrs: missing, expected at least one block that may reach the public endpoint.",
  ],
  [
    "a cluster without administrators",
    "dev",
    (raw) => (part(raw, "cluster").administrators = []),
    "slipway:cluster.administrators: got [], expected at least one role ARN.",
  ],
  [
    "a version that YAML read as a number",
    "dev",
    (raw) => (part(raw, "cluster").version = 1.35),
    'slipway:cluster.version: got 1.35, expected a Kubernetes version in quotes, e.g. "1.35".',
  ],
  [
    "a service name that no image can have",
    "dev",
    (raw) => (part(raw, "services").Api = { port: 1 }),
    'slipway:services: got the name "Api", expected a name of at most 40 lower-case letters, digits and dashes.',
  ],
  [
    "an environment that is none",
    "dev",
    (raw) => (raw.environment = "develop"),
    'slipway:environment: got "develop", expected one of operations, dev, staging, prod.',
  ],
  [
    "an environment's key in operations",
    "operations",
    (raw) => (raw.services = {}),
    "slipway:services: unknown key. Remove it.",
  ],
  [
    "an environment without an account",
    "operations",
    (raw) => delete part(raw, "environmentAccounts").prod,
    'slipway:environmentAccounts.prod: missing, expected an AWS account id: 12 digits in quotes, e.g. "111111111111".',
  ],
];

describe("config/schema", () => {
  for (const stack of stackNames) {
    it(`accepts Pulumi.${stack}.yaml`, () => {
      assert.equal(parseSettings(rawSettings(stackConfig(stack))).environment, stack);
    });
  }

  for (const [title, stack, change, line] of bad) {
    it(`refuses ${title}`, () => {
      const error = errorOf(changed(stack, change), `Pulumi.${stack}.yaml`);
      assert.equal(error.message, `Pulumi.${stack}.yaml has 1 problem:\n  ${line}`);
      assert.equal(error.code, ExitCode.usage);
      assert.equal(error.where, `Pulumi.${stack}.yaml`);
      assert.equal(error.next, `Correct Pulumi.${stack}.yaml, then run the command again.`);
    });
  }

  it("reports every problem at once", () => {
    const raw = changed("dev", (all) => {
      part(all, "account").id = "1";
      part(all, "network").cdir = "x";
      delete all.gitops;
    });
    assert.equal(
      errorOf(raw).message,
      [
        "Pulumi.dev.yaml has 3 problems:",
        '  slipway:account.id: got "1", expected an AWS account id: 12 digits in quotes, e.g. "111111111111".',
        "  slipway:network.cdir: unknown key. Did you mean slipway:network.cidr?",
        "  slipway:gitops: missing, expected repository and branch of the manifests, and perhaps argo and identityCenter.",
      ].join("\n"),
    );
  });

  it("names the key of a structured value that is no structure", () => {
    const raw = rawSettings({ ...stackConfig("dev"), "slipway:network": "10.10.0.0/16" });
    assert.equal(
      errorOf(raw).message,
      'Pulumi.dev.yaml has 1 problem:\n  slipway:network: got "10.10.0.0/16", expected cidr, and perhaps azCount and nat.',
    );
  });

  it("fills in what the environment's profile says", () => {
    const raw = rawSettings(stackConfig("prod"));
    const { network, cluster, profile } = parseSettings(raw) as EnvironmentSettings;
    assert.deepEqual(network, { cidr: "10.30.0.0/16", azCount: 3, nat: "perAz" });
    assert.deepEqual(cluster.endpoint, { public: false, cidrs: [] });
    assert.equal(profile.deletionProtection, true);
  });

  it("lets a stack file say otherwise than the profile", () => {
    const raw = changed("dev", (all) => (part(all, "network").nat = "none"));
    assert.equal((parseSettings(raw) as EnvironmentSettings).network.nat, "none");
  });

  it("keeps the endpoint private where a stack file says nothing", () => {
    const raw = changed("dev", (all) => delete part(all, "cluster").endpoint);
    assert.deepEqual((parseSettings(raw) as EnvironmentSettings).cluster.endpoint, { public: false, cidrs: [] });
  });
});

describe("config/load", () => {
  it("takes the project's own keys only and decodes structured ones", () => {
    const raw = rawSettings({ "slipway:environment": "dev", "slipway:network": '{"azCount":2}', "aws:region": "x" });
    assert.deepEqual(raw, { environment: "dev", network: { azCount: 2 } });
  });
});
