import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { environmentNames } from "../../config/profiles.ts";
import { parsePromotionPolicy } from "../../config/promotion.ts";

const policy = (environments: string) => `protectedBranch: main\nenvironments:\n${environments}`;
const dev = "  - { name: dev, tags: [], verify: true, rollbackOnFailure: false }\n";
const staging = "  - { name: staging, tags: [staging], upstream: dev, verify: true, rollbackOnFailure: true }\n";

const bad: [title: string, text: string, ...lines: string[]][] = [
  [
    "an unknown key",
    policy("  - { name: dev, tag: [], tags: [], verify: true, rollbackOnFailure: false }"),
    "environments[0].tag: unknown key. Did you mean environments[0].tags?",
  ],
  [
    "a wrong type",
    policy("  - { name: dev, tags: [], verify: perhaps, rollbackOnFailure: false }"),
    'environments[0].verify: got "perhaps", expected true or false.',
  ],
  [
    "no environment",
    "protectedBranch: main\nenvironments: []",
    "environments: got [], expected at least one environment.",
  ],
  [
    "a tag that git refuses",
    policy("  - { name: dev, tags: [a..b], verify: true, rollbackOnFailure: false }"),
    'environments[0].tags[0]: got "a..b", expected a tag name, e.g. staging.',
  ],
  [
    "a name twice and a tag twice",
    policy(dev + staging + staging),
    'environments[2].name: got "staging", expected a name that no other environment has.',
    'environments[2].tags: got "staging", expected a tag that staging does not use.',
  ],
  [
    "an upstream that comes later",
    policy(staging + dev),
    'environments[0].upstream: got "dev", expected no upstream, it is the first.',
  ],
  [
    "a rollback that nothing would start",
    policy("  - { name: dev, tags: [], verify: false, rollbackOnFailure: true }"),
    "environments[0].rollbackOnFailure: got true, expected false while verify is false: nothing would ever fail.",
  ],
];

describe("config/promotion", () => {
  it("reads the project's own policy", () => {
    const text = readFileSync(new URL("../../config/promotion.yaml", import.meta.url), "utf8");
    const own = parsePromotionPolicy(text);
    assert.equal(own.remote, "origin");
    assert.equal(own.protectedBranch, "main");
    assert.deepEqual(
      own.environments.map(({ name }) => name),
      environmentNames,
    );
    assert.deepEqual(own.environments[2], {
      name: "prod",
      tags: ["prod", "production"],
      upstream: "staging",
      verify: true,
      rollbackOnFailure: true,
    });
  });

  it("takes origin where no remote is named", () => {
    assert.equal(parsePromotionPolicy(policy(dev)).remote, "origin");
  });

  for (const [title, text, ...lines] of bad) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => parsePromotionPolicy(text, "policy.yaml"),
        (error: unknown) => {
          assert.ok(error instanceof SlipwayError);
          const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
          assert.equal(error.message, [`policy.yaml has ${count}:`, ...lines.map((line) => `  ${line}`)].join("\n"));
          assert.equal(error.code, ExitCode.usage);
          return true;
        },
      );
    });
  }

  it("names line and column of what is no YAML", () => {
    assert.throws(
      () => parsePromotionPolicy("environments: [", "policy.yaml"),
      /policy\.yaml has 1 problem:\n {2}.* at line 1, column 16/,
    );
  });
});
