import assert from "node:assert/strict";
import fc from "fast-check";
import { occupancyOf } from "../../../automation/promotion/gates/soak.ts";
import { nextRecord } from "../../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../../automation/promotion/ledger-records.ts";
import { anyEntry, releaseOf } from "../entries.ts";
import { HOUR, noon } from "../gate-facts.ts";

describe("soak under clocks that go backwards", () => {
  const history = fc.array(fc.tuple(fc.integer({ min: -72, max: 72 }), anyEntry), { maxLength: 12 });
  const recordsOf = (happenings: readonly [number, LedgerEntry][]) =>
    happenings.reduce<LedgerRecord[]>(
      (records, [hours, entry]) => [
        ...records,
        nextRecord("staging", records.at(-1), entry, new Date(noon.getTime() + hours * HOUR)),
      ],
      [],
    );

  it("is never longer for a clock that shows less", () => {
    fc.assert(
      fc.property(history, fc.nat(200), (happenings, hoursBack) => {
        const records = recordsOf(happenings);
        const earlier = new Date(noon.getTime() - hoursBack * HOUR);
        const now = occupancyOf(records, releaseOf(1), noon);
        const back = occupancyOf(records, releaseOf(1), earlier);
        assert.ok(back.longest <= now.longest);
      }),
    );
  });

  it("is never longer for a record whose clock had gone back", () => {
    fc.assert(
      fc.property(history, fc.nat(200), fc.nat(12), (happenings, hoursBack, which) => {
        const at = Math.min(which, happenings.length - 1);
        const moved = happenings.map(([hours, entry], index): [number, LedgerEntry] => [
          index === at ? hours - hoursBack : hours,
          entry,
        ]);
        const earliest = Math.max(...happenings.slice(0, Math.max(0, at)).map(([hours]) => hours), -200);
        // A first record has none before it to be compared with.
        fc.pre(at > 0 && (happenings[at]?.[0] ?? 0) <= earliest);
        const before = occupancyOf(recordsOf(happenings), releaseOf(1), noon).longest;
        assert.ok(occupancyOf(recordsOf(moved), releaseOf(1), noon).longest <= before);
      }),
    );
  });
});
