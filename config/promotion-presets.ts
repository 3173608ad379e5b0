import { parse } from "yaml";

/**
 * The four ways in which teams move code, as policies to start from. A file that says `preset: <name>` may override any key beside
 * it; of `environments` it lists only those that differ, by name. Texts, so that a team may copy one and go on from there.
 */
const texts = {
  /** One trunk; a tag that is moved says which commit an environment runs. */
  "moving-tags": `
protectedBranch: main
versionTags: prod
environments:
  - { name: dev, tags: [], verify: true, rollbackOnFailure: false }
  - { name: staging, tags: [staging], upstream: dev, verify: true, rollbackOnFailure: true }
  - { name: prod, tags: [prod, production], upstream: staging, verify: true, rollbackOnFailure: true }
`,
  /** Both long-lived branches are tried out in dev; only what is on main goes further. */
  "main-and-develop": `
protectedBranch: main
versionTags: prod
environments:
  - name: dev
    tags: []
    branches: [develop, main]
    protectedBranch: false
    automatic: true
    verify: true
    rollbackOnFailure: false
  - { name: staging, tags: [staging], upstream: dev, verify: true, rollbackOnFailure: true }
  - name: prod
    tags: [prod, production]
    upstream: staging
    approvals: { count: 1 }
    verify: true
    rollbackOnFailure: true
`,
  /** A branch an environment. main is fast-forwarded to develop: what production gets is the very commit that staging verified. */
  "branch-per-environment": `
protectedBranch: main
environments:
  - name: staging
    tags: []
    branches: [develop]
    automatic: true
    verify: true
    rollbackOnFailure: true
  - name: prod
    tags: []
    aliases: [production]
    branches: [main]
    upstream: staging
    automatic: true
    verify: true
    rollbackOnFailure: true
`,
  /** Every merge goes to dev, from there to test once it is verified, and to prod on a schedule inside maintenance windows. */
  "scheduled-chain": `
protectedBranch: main
environments:
  - { name: dev, tags: [], branches: [main], automatic: true, verify: true, rollbackOnFailure: true }
  - name: staging
    tags: []
    aliases: [test]
    upstream: dev
    automatic: true
    verify: true
    rollbackOnFailure: true
  - name: prod
    tags: []
    aliases: [production]
    upstream: staging
    automatic: true
    soak: 2h
    windows:
      - { days: [mon, tue, wed, thu], from: "02:00", to: "05:00", timeZone: UTC }
    verify: true
    rollbackOnFailure: true
`,
} as const;

export type PresetName = keyof typeof texts;

export const presetNames = Object.keys(texts) as PresetName[];

export const isPreset = (name: string): name is PresetName => Object.hasOwn(texts, name);

/** A preset as it would stand in the file. */
export const presetPolicy = (name: PresetName): Record<string, unknown> =>
  parse(texts[name]) as Record<string, unknown>;
