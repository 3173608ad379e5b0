import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stackFileFor } from "../../automation/ephemeral/stack-file.ts";
import { parseEphemeral } from "../../config/ephemeral.ts";
import { parseStackFile } from "../../config/stack-file.ts";

const root = join(import.meta.dirname, "..", "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const shipped = parseEphemeral(read("config/ephemeral.yaml"));
const claim = {
  ...{ stack: "pr-7", account: "555555555555", by: "ada", commit: "abc" },
  ...{ createdAt: "2026-03-01T12:00:00.000Z", expiresAt: "2026-03-03T12:00:00.000Z" },
};

describe("the stack file of a pull request", () => {
  const text = stackFileFor(read("Pulumi.dev.yaml"), claim, shipped);
  const settings = parseStackFile(text, "Pulumi.pr-7.yaml");

  it("is that of dev in another account, on a branch of its own", () => {
    assert.ok(settings.environment === "dev");
    const template = parseStackFile(read("Pulumi.dev.yaml"), "Pulumi.dev.yaml");
    assert.ok(template.environment === "dev");
    assert.deepEqual(settings.account, {
      ...template.account,
      ...{ id: "555555555555", assumeRole: "arn:aws:iam::555555555555:role/slipway-ephemeral" },
    });
    assert.equal(settings.gitops.branch, "manifests/pr-7/dev");
    assert.deepEqual(settings.services, template.services);
    assert.deepEqual(settings.network, template.network);
  });

  it("names nothing of dev's account, and has neither dev's identity nor its stream processors", () => {
    assert.doesNotMatch(text, /222222222222/u);
    assert.equal(settings.github, undefined);
    assert.ok(settings.environment === "dev");
    assert.equal(settings.streams, undefined);
  });

  it("assumes no role where none is named", () => {
    const { role: _, ...without } = shipped;
    const plain = parseStackFile(stackFileFor(read("Pulumi.dev.yaml"), claim, without), "Pulumi.pr-7.yaml");
    assert.ok(plain.environment === "dev");
    assert.equal(plain.account.assumeRole, undefined);
  });
});

describe("settings of ephemeral stacks", () => {
  it("have accounts that no environment has", () => {
    const taken = ["operations", "dev", "staging", "prod"].map(
      (stack) => parseStackFile(read(`Pulumi.${stack}.yaml`), `Pulumi.${stack}.yaml`).account.id,
    );
    for (const account of shipped.accounts) assert.ok(!taken.includes(account), account);
  });

  const refusals: [what: string, yaml: string, message: RegExp][] = [
    [
      "a time that is too long",
      "template: dev\ntimeToLive: 60d\naccounts: []",
      /timeToLive: .*expected a duration from 1h to 30d/u,
    ],
    ["an account that is no id", 'template: dev\ntimeToLive: 8h\naccounts: ["12"]', /accounts\[0\]: got "12"/u],
    [
      "an account twice",
      'template: dev\ntimeToLive: 8h\naccounts: ["555555555555", "555555555555"]',
      /accounts: .*expected each account once/u,
    ],
    ["a key that is not there", "template: dev\ntimeToLive: 8h\naccounts: []\nttl: 8h", /ttl: unknown key/u],
  ];
  for (const [what, yaml, message] of refusals)
    it(`refuse ${what}`, () => assert.throws(() => parseEphemeral(yaml), message));
});
