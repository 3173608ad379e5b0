import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { environmentNames } from "../../config/profiles.ts";
import { parsePromotionPolicy, type PromotionPolicy } from "../../config/promotion.ts";
import { presetNames } from "../../config/promotion-presets.ts";
import { durationMs, isTimeZone } from "../../config/promotion-schema.ts";

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
  [
    "gates that are spelt wrong, all at once",
    policy(
      `${dev}  - name: prod\n    tags: [prod]\n    upstream: dev\n    verify: true\n    rollbackOnFailure: true\n    soak: 2 hours\n` +
        "    approvals: { count: 0, notself: true }\n" +
        '    windows: [{ days: [monday], from: 22, to: "25:00", timeZone: "+02:00", except: [2026-02-30] }]\n' +
        "    signedTags: { allowedSigners: ../keys }\n",
    ),
    'environments[1].signedTags.allowedSigners: got "../keys", expected a path inside the checkout, e.g. config/allowed_signers.',
    'environments[1].soak: got "2 hours", expected a duration such as 30m, 2h or 1d12h.',
    "environments[1].approvals.count: got 0, expected a whole number from 1 to 20.",
    "environments[1].approvals.notself: unknown key. Did you mean environments[1].approvals.notSelf?",
    'environments[1].windows[0].days[0]: got "monday", expected one of sun, mon, tue, wed, thu, fri, sat.',
    'environments[1].windows[0].from: got 22, expected a time of day in quotes, "00:00" to "23:59".',
    'environments[1].windows[0].to: got "25:00", expected a time of day in quotes, "00:01" to "24:00".',
    'environments[1].windows[0].timeZone: got "+02:00", expected the name of an IANA time zone, e.g. Europe/Berlin.',
    'environments[1].windows[0].except[0]: got "2026-02-30", expected a date in quotes, e.g. "2026-12-24".',
  ],
  [
    "gates that say nothing where they stand",
    policy(
      "  - { name: dev, tags: [], verify: true, rollbackOnFailure: false, soak: 1h, automatic: true, signedTags: { allowedSigners: keys } }\n" +
        '  - { name: prod, tags: [], upstream: dev, verify: true, rollbackOnFailure: true, approvals: { count: 2, from: [bo] }, windows: [{ days: [mon], from: "10:00", to: "10:00", timeZone: UTC }] }\n',
    ),
    "environments[0].soak: got a duration, expected none without an upstream to stand in.",
    "environments[0].signedTags: got a file, expected none where no tag promotes.",
    "environments[0].automatic: got true, expected false without an upstream or branches that releases come from.",
    "environments[1].approvals.count: got 2, expected at most the 1 in from.",
    'environments[1].windows[0].to: got "10:00", expected another time than from.',
  ],
  [
    "an upstream that never verifies",
    policy("  - { name: dev, tags: [], verify: false, rollbackOnFailure: false }\n" + staging),
    'environments[1].upstream: got "dev", expected an environment with verify: true, or nothing ever comes from there.',
  ],
  [
    "names that mean two environments",
    `versionTags: live\n${policy(
      "  - { name: dev, tags: [], branches: [main], verify: true, rollbackOnFailure: false }\n" +
        "  - { name: prod, tags: [dev], aliases: [dev], branches: [main], upstream: dev, verify: true, rollbackOnFailure: true }\n",
    )}`,
    'environments[1].branches: got "main", expected a branch that dev does not use.',
    'environments[1]: got "dev", expected a name that means one environment only.',
    'environments[1]: got "dev", expected a name that means one environment only.',
    'versionTags: got "live", expected one of dev, prod.',
  ],
  [
    "an unknown preset",
    "preset: moving-tag",
    `preset: got "moving-tag", expected one of ${presetNames.join(", ")}. Did you mean moving-tags?`,
  ],
  [
    "a wrong key beside a preset, by its place in the file",
    "preset: moving-tags\nenvironments: [{ name: prod, soaks: 2h }]",
    "environments[0].soaks: unknown key. Did you mean environments[0].soak?",
  ],
  [
    "a preset that is changed against itself",
    "preset: moving-tags\nenvironments: [{ name: prod, upstream: test }, { name: staging, verify: false }]",
    "environments[1].rollbackOnFailure: got true, expected false while verify is false: nothing would ever fail.",
    'environments[0].upstream: got "test", expected one of dev, staging, listed before it.',
  ],
];

/** What a policy says of each environment, on one line. */
const told = ({ environments, versionTags }: PromotionPolicy): string[] =>
  environments.map(({ name, upstream, tags, branches = [], aliases = [], ...rest }) =>
    [
      `${upstream ?? "nothing"} -> ${name}`,
      ...tags.map((tag) => `tag ${tag}`),
      ...(versionTags === name ? ["tag v*"] : []),
      ...branches.map((branch) => `branch ${branch}`),
      ...aliases.map((alias) => `also ${alias}`),
      ...(rest.automatic === true ? ["automatic"] : []),
      ...(rest.soak === undefined ? [] : ["soak"]),
      ...(rest.approvals === undefined ? [] : [`${rest.approvals.count} approval`]),
      ...(rest.windows === undefined ? [] : ["windows"]),
    ].join(", "),
  );

const presets: Record<(typeof presetNames)[number], string[]> = {
  "moving-tags": ["nothing -> dev", "dev -> staging, tag staging", "staging -> prod, tag prod, tag production, tag v*"],
  "main-and-develop": [
    "nothing -> dev, branch develop, branch main, automatic",
    "dev -> staging, tag staging",
    "staging -> prod, tag prod, tag production, tag v*, 1 approval",
  ],
  "branch-per-environment": [
    "nothing -> staging, branch develop, automatic",
    "staging -> prod, branch main, also production, automatic",
  ],
  "scheduled-chain": [
    "nothing -> dev, branch main, automatic",
    "dev -> staging, also test, automatic",
    "staging -> prod, also production, automatic, soak, windows",
  ],
};

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

  for (const name of presetNames)
    it(`ships the preset ${name}`, () => {
      assert.deepEqual(told(parsePromotionPolicy(`preset: ${name}`)), presets[name]);
    });

  it("lets a file change single keys of a preset and add environments", () => {
    const changed = parsePromotionPolicy(
      "preset: moving-tags\nremote: upstream\nenvironments:\n  - { name: prod, soak: 1d12h, approvals: { count: 2 } }\n" +
        "  - { name: training, tags: [], upstream: prod, verify: true, rollbackOnFailure: false }\n",
    );
    assert.equal(changed.remote, "upstream");
    assert.deepEqual(
      changed.environments.map(({ name }) => name),
      ["dev", "staging", "prod", "training"],
    );
    const prod = changed.environments[2];
    assert.deepEqual(
      [prod?.soak, prod?.approvals, prod?.tags],
      [36 * 3_600_000, { count: 2, notSelf: true }, ["prod", "production"]],
    );
  });

  it("reads durations and time zones", () => {
    const durations = ["30m", "2h", "1d12h", "90s", "0m", "", "2", "2h30", "h", "-1h", "1.5h"];
    assert.deepEqual(durations.map(durationMs), [
      ...[1_800_000, 7_200_000, 129_600_000, 90_000, 0],
      ...Array.from({ length: 6 }, () => undefined),
    ]);
    const zones = [
      "UTC",
      "Europe/Berlin",
      "America/Argentina/Buenos_Aires",
      "Asia/Kolkata",
      "Berlin",
      "+02:00",
      "Europe/Nowhere",
      "EST",
    ];
    assert.deepEqual(zones.map(isTimeZone), [true, true, true, true, false, false, false, false]);
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
