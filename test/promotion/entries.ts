import fc from "fast-check";
import type { LedgerEntry } from "../../automation/promotion/ledger-records.ts";

/** Id of the nth release of a test. */
export function releaseOf(number: number): string {
  return number.toString(16).padStart(64, "0");
}

/** Id of the nth commit of a test. */
export function commitOf(number: number): string {
  return number.toString(16).padStart(40, "0");
}

const by = fc.constantFrom("ada", "Grace <grace@example.com>", "ü");
const release = fc.integer({ min: 1, max: 4 }).map(releaseOf);
const commit = fc.integer({ min: 1, max: 4 }).map(commitOf);
const subject = { release, commit };
const seconds = fc.double({ min: 0, max: 1e5, noNaN: true }).map(Math.abs);
const changes = fc.dictionary(fc.constantFrom("create", "update", "same"), fc.nat());
const text = fc.stringMatching(/^[\w äß€😀-]{1,20}$/u);
const checks = fc.array(fc.record({ name: text, kind: fc.constant("http"), passed: fc.boolean(), seconds }), {
  maxLength: 3,
});

/** Any entry that a ledger takes, over few releases so that they meet again. */
export const anyEntry: fc.Arbitrary<LedgerEntry> = fc.oneof(
  fc.record({
    kind: fc.constant("promoted"),
    by,
    ...subject,
    verb: fc.constant("up"),
    seconds,
    resources: fc.nat(),
    changes,
  }),
  fc.record({ kind: fc.constant("verified"), by, ...subject, seconds, checks }),
  fc.record({
    kind: fc.constant("failed"),
    by,
    ...subject,
    stage: fc.constantFrom("deploy", "verify"),
    seconds,
    error: text,
  }),
  fc.record({ kind: fc.constant("rolled-back"), by, ...subject, reason: text, seconds }),
  fc.record({
    kind: fc.constant("interrupted"),
    by,
    ...subject,
    verb: fc.constantFrom("up", "verify"),
    host: text,
    startedAt: fc.constant("2026-05-01T00:00:00.000Z"),
  }),
  fc.record({ kind: fc.constant("approved"), by, release }),
  fc.record({ kind: fc.constant("frozen"), by, active: fc.boolean(), reason: text }),
  fc.record({
    kind: fc.constant("tag-moved"),
    by,
    tag: fc.constant("staging"),
    remote: fc.constant("origin"),
    from: fc.option(commit),
    to: commit,
  }),
  fc.record({
    kind: fc.constant("manifests-moved"),
    by,
    branch: fc.constant("manifests/staging"),
    remote: fc.constant("origin"),
    from: fc.option(commit),
    to: commit,
    release,
  }),
  fc.record({
    kind: fc.constant("traffic-shifted"),
    by,
    function: fc.constant("slipway-staging-models-api"),
    alias: fc.constant("live"),
    from: fc.constant("1"),
    to: fc.constant("2"),
    seconds,
    release,
  }),
  fc.record({
    kind: fc.constant("processor-handed-over"),
    by,
    processor: fc.constant("orders"),
    from: fc.option(fc.constant("orders__1a2b3c4d")),
    to: fc.constant("orders__5e6f7a8b"),
    seconds,
    release,
  }),
  fc.record({
    kind: fc.constant("overridden"),
    by,
    release,
    gates: fc.constant(["lineage"] as string[]),
    reason: text,
  }),
  fc.record({ kind: fc.constant("destroyed"), by, seconds, changes }),
);
