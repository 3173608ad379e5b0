import type { GateFacts } from "../../automation/promotion/gates.ts";
import type { LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { commitOf } from "./entries.ts";
import {
  dev,
  failed,
  frozen,
  good,
  ledger,
  lifted,
  prod,
  promoted,
  rolledBack,
  staging,
  verified,
  type Happening,
} from "./gate-facts.ts";

export const upstream = (...happenings: Happening[]): GateFacts["upstream"] => ({
  policy: staging,
  records: ledger("staging", happenings),
});
export const inProd = (...happenings: Happening[]): LedgerRecord[] => ledger("prod", happenings);
const branch = { wanted: ["main"], missing: [], shallow: false, standIn: false };
const tag = { name: "v1.4.0", commit: good.commit, version: true };
const signed = { ...prod, signedTags: { allowedSigners: "config/allowed_signers" } };
const automatic = { ...good, automatic: true, environment: { ...prod, automatic: true } };
const nights = { days: ["mon"], from: "22:00", to: "04:00", timeZone: "Europe/Berlin" } as const;
export const windowed = { ...prod, windows: [nights] };
const hold: Happening[] = [
  [9, promoted(5)],
  [8, verified(5)],
  [7, promoted(6)],
  [6, failed(6)],
  [5, rolledBack(5, 6)],
];

type Case = [what: string, facts: GateFacts, refused: string[], code: number, reason?: RegExp, next?: RegExp];

/** Every gate with what it lets pass and what it refuses. */
export const cases: Case[] = [
  ["all is well", good, [], 0],
  ["the first environment gets it", { ...good, environment: dev, upstream: undefined }, [], 0],
  [
    "there is no release",
    { ...good, release: undefined },
    ["release", "lineage"],
    6,
    /has no release/,
    /^slipway build --commit/,
  ],
  ["files are changed", { ...good, dirtyFiles: ["a"] }, ["clean-tree"], 2, /"a"/, /^git stash/],
  [
    "upstream never verified anything",
    { ...good, upstream: upstream() },
    ["lineage"],
    23,
    /staging has not verified/,
    /^slipway promote staging --commit/,
  ],
  ["upstream verified another release", { ...good, upstream: upstream([1, verified(8)]) }, ["lineage"], 23],
  [
    "upstream's last verdict is a failure",
    { ...good, upstream: upstream([2, verified(7)], [1, failed(7)]) },
    ["lineage"],
    23,
    /did not pass verification there/,
  ],
  ["upstream failed once and passed since", { ...good, upstream: upstream([2, failed(7)], [1, verified(7)]) }, [], 0],
  ["upstream is unknown", { ...good, upstream: undefined }, ["lineage"], 23],
  [
    "upstream is another one",
    { ...good, upstream: { policy: dev, records: upstream([1, verified(7)])?.records ?? [] } },
    ["lineage"],
    23,
  ],
  [
    "dev did not verify it",
    { ...good, environment: staging, upstream: { policy: dev, records: [] } },
    ["lineage"],
    23,
    /dev has not/,
    /^slipway up dev$/,
  ],

  ["a version is where it was first seen", { ...good, tag: { ...tag, firstCommit: good.commit } }, [], 0],
  ["a version is new", { ...good, tag }, [], 0],
  [
    "a version was moved",
    { ...good, tag: { ...tag, firstCommit: commitOf(1) } },
    ["version-tag"],
    23,
    /v1\.4\.0 was moved/,
    /new version/,
  ],
  ["a moving tag was moved", { ...good, tag: { name: "prod", commit: good.commit, version: false } }, [], 0],

  ["the commit is on the branch", { ...good, branch: { ...branch, holder: "main" } }, [], 0],
  ["the commit is on no branch that counts", { ...good, branch }, ["branch"], 23, /not on main/, /merge it to main/],
  [
    "history is cut off",
    { ...good, branch: { ...branch, shallow: true } },
    ["branch"],
    23,
    /shallow/,
    /^git fetch --unshallow/,
  ],
  [
    "the remote lacks the branch",
    { ...good, branch: { ...branch, missing: ["main"] } },
    ["branch"],
    23,
    /no branch main/,
  ],
  ["the sandbox's remote lacks it", { ...good, branch: { ...branch, missing: ["main"], standIn: true } }, [], 0],

  [
    "a signature is asked for and no tag came",
    { ...good, environment: signed },
    ["signature"],
    23,
    /signed tags only/,
    /^git tag --sign prod/,
  ],
  [
    "a tag is not signed",
    { ...good, environment: signed, tag: { ...tag, signature: { valid: false, detail: "no signature" } } },
    ["signature"],
    23,
    /no signature/,
  ],
  ["a signature was not even looked at", { ...good, environment: signed, tag }, ["signature"], 23],
  [
    "a tag is signed",
    { ...good, environment: signed, tag: { ...tag, signature: { valid: true, detail: "by ada" } } },
    [],
    0,
  ],

  ["no policy pack is configured", good, [], 0],
  ["the policy pack passes", { ...good, policy: { pack: "baseline", passed: true } }, [], 0],
  [
    "the policy pack refuses",
    { ...good, policy: { pack: "baseline", passed: false, detail: "open to the world" } },
    ["policy"],
    5,
    /open to the world/,
  ],

  [
    "a workflow promotes where only people may",
    { ...good, automatic: true },
    ["automatic"],
    23,
    /without a person/,
    /^slipway promote prod$/,
  ],
  ["a workflow promotes where it may", automatic, [], 0],
  [
    "a workflow promotes after a rollback",
    { ...automatic, records: inProd(...hold) },
    ["automatic"],
    23,
    /rolled back/,
    /^slipway freeze prod --lift/,
  ],
  ["a person promotes after a rollback", { ...good, records: inProd(...hold) }, [], 0],
  ["the hold was lifted", { ...automatic, records: inProd(...hold, [4, lifted]) }, [], 0],
  [
    "what was rolled back to was checked again",
    { ...automatic, records: inProd(...hold, [4, verified(5)]) },
    ["automatic"],
    23,
  ],
  [
    "a person has promoted since, not verified",
    { ...automatic, records: inProd(...hold, [4, promoted(6)]) },
    ["automatic"],
    23,
  ],
  [
    "a person has promoted since, verified",
    { ...automatic, records: inProd(...hold, [4, promoted(6)], [3, verified(6)]) },
    [],
    0,
  ],

  ["a window is open", { ...good, environment: windowed, now: new Date("2026-06-15T21:00:00Z") }, [], 0],
  [
    "no window is open",
    { ...good, environment: windowed },
    ["window"],
    24,
    /opens 2026-06-15 22:00 Europe\/Berlin \(2026-06-15 20:00 UTC\), in 8 h 0 min/,
    /wait until 2026-06-15T20:00:00/,
  ],

  [
    "it is frozen",
    { ...good, records: inProd([1, frozen("year end")]) },
    ["freeze"],
    25,
    /frozen by ada on 2026-06-15 11:00 UTC, until somebody lifts it: year end/,
    /^slipway freeze prod --lift/,
  ],
  ["the freeze was lifted", { ...good, records: inProd([2, frozen("x")], [1, lifted]) }, [], 0],
  ["the freeze has ended", { ...good, records: inProd([2, frozen("x", "2026-06-15T11:59:59.000Z")]) }, [], 0],
  [
    "the freeze has not ended",
    { ...good, records: inProd([2, frozen("x", "2026-06-15T12:00:01.000Z")]) },
    ["freeze"],
    25,
    /until 2026-06-15 12:00 UTC/,
  ],
  [
    "a short freeze ended within a long one",
    { ...good, records: inProd([3, frozen("long")], [2, frozen("short", "2026-06-15T11:00:00.000Z")]) },
    ["freeze"],
    25,
    /: long$/,
  ],
];
