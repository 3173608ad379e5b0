import assert from "node:assert/strict";
import fc from "fast-check";
import { HORIZON_DAYS, instantOf, offsetAt, windowState, zonedMoment } from "../../automation/promotion/windows.ts";
import type { MaintenanceWindow } from "../../config/promotion.ts";
import { weekdays, type Weekday } from "../../config/promotion-schema.ts";

/** "sat,sun 22:00-04:00 Europe/Berlin except 2026-12-26". */
function windowOf(text: string): MaintenanceWindow {
  const [days = "", times = "", timeZone = "", , ...except] = text.split(" ");
  const [from = "", to = ""] = times.split("-");
  return { days: days.split(",") as Weekday[], from, to, timeZone, except };
}

const state = (texts: readonly string[], now: string): string => {
  const found = windowState(texts.map(windowOf), new Date(now));
  const time = found.open ? found.closesAt : found.opensAt;
  return `${found.open ? "closes" : "opens"} ${time?.toISOString().replace(":00.000Z", "Z") ?? "never"}`;
};

const all = weekdays.join(",");

const cases: [window: string | string[], now: string, expected: string][] = [
  // Plain days: 2026-06-15 is a Monday.
  ["mon 10:00-12:00 UTC", "2026-06-15T09:59Z", "opens 2026-06-15T10:00Z"],
  ["mon 10:00-12:00 UTC", "2026-06-15T10:00Z", "closes 2026-06-15T12:00Z"],
  ["mon 10:00-12:00 UTC", "2026-06-15T12:00Z", "opens 2026-06-22T10:00Z"],
  ["mon 00:00-24:00 UTC", "2026-06-15T23:59Z", "closes 2026-06-16T00:00Z"],
  ["tue 10:00-12:00 UTC", "2026-06-15T11:00Z", "opens 2026-06-16T10:00Z"],
  // Over midnight: the window belongs to the day on which it opens.
  ["mon 22:00-04:00 UTC", "2026-06-16T03:59Z", "closes 2026-06-16T04:00Z"],
  ["mon 22:00-04:00 UTC", "2026-06-15T03:00Z", "opens 2026-06-15T22:00Z"],
  ["mon 22:00-04:00 UTC except 2026-06-15", "2026-06-16T03:00Z", "opens 2026-06-22T22:00Z"],
  ["mon 22:00-04:00 UTC except 2026-06-16", "2026-06-16T03:00Z", "closes 2026-06-16T04:00Z"],
  // Several windows.
  [["mon 10:00-12:00 UTC", "mon 11:00-15:00 UTC"], "2026-06-15T11:30Z", "closes 2026-06-15T15:00Z"],
  [["mon 10:00-12:00 UTC", "tue 01:00-02:00 UTC"], "2026-06-15T13:00Z", "opens 2026-06-16T01:00Z"],
  // Europe/Berlin: 02:00 to 03:00 is skipped on 2026-03-29 and shown twice on 2026-10-25, both Sundays.
  ["sun 02:15-02:45 Europe/Berlin", "2026-03-29T00:00Z", "opens 2026-04-05T00:15Z"],
  ["sun 02:30-05:00 Europe/Berlin", "2026-03-29T00:59Z", "opens 2026-03-29T01:00Z"],
  ["sun 01:00-02:30 Europe/Berlin", "2026-03-29T00:30Z", "closes 2026-03-29T01:00Z"],
  ["sat 22:00-04:00 Europe/Berlin", "2026-03-28T21:30Z", "closes 2026-03-29T02:00Z"],
  ["sun 02:15-02:45 Europe/Berlin", "2026-10-25T00:20Z", "closes 2026-10-25T00:45Z"],
  ["sun 02:15-02:45 Europe/Berlin", "2026-10-25T01:20Z", "opens 2026-11-01T01:15Z"],
  ["sat 22:00-04:00 Europe/Berlin", "2026-10-25T02:59Z", "closes 2026-10-25T03:00Z"],
  // America/New_York: skipped on 2026-03-08, twice on 2026-11-01.
  ["sun 02:15-02:45 America/New_York", "2026-03-08T06:00Z", "opens 2026-03-15T06:15Z"],
  ["sun 01:30-06:00 America/New_York", "2026-11-01T05:30Z", "closes 2026-11-01T11:00Z"],
  ["sun 23:00-24:00 America/New_York", "2026-03-09T02:59Z", "opens 2026-03-09T03:00Z"],
  // Asia/Kolkata: half an hour off, no daylight saving.
  ["mon 09:00-17:00 Asia/Kolkata", "2026-03-29T10:30Z", "opens 2026-03-30T03:30Z"],
  ["mon 00:00-01:00 Asia/Kolkata", "2026-06-14T18:30Z", "closes 2026-06-14T19:30Z"],
  // Pacific/Apia had no 2011-12-30, a Friday.
  ["fri 22:00-04:00 Pacific/Apia", "2011-12-30T10:30Z", "opens 2012-01-06T08:00Z"],
  ["thu 22:00-04:00 Pacific/Apia", "2011-12-30T09:30Z", "closes 2011-12-30T10:00Z"],
  ["sat 00:00-24:00 Pacific/Apia", "2011-12-30T10:00Z", "closes 2011-12-31T10:00Z"],
  // Exceptions.
  ["mon 10:00-12:00 UTC except 2026-06-15 2026-06-22", "2026-06-15T11:00Z", "opens 2026-06-29T10:00Z"],
];

describe("maintenance windows", () => {
  for (const [windows, now, expected] of cases)
    it(`${String(windows)} at ${now}: ${expected}`, () => {
      assert.equal(state([windows].flat(), now), expected);
    });

  it("say so when none ever opens", () => {
    const days = Array.from({ length: HORIZON_DAYS + 10 }, (_, at) =>
      new Date(Date.UTC(2026, 5, 10 + at)).toISOString().slice(0, 10),
    );
    assert.equal(state([`${all} 10:00-12:00 UTC except ${days.join(" ")}`], "2026-06-15T11:00Z"), "opens never");
    assert.deepEqual(windowState([], new Date(0)), { open: false });
  });

  it("tell a time as the clocks there show it", () => {
    assert.equal(
      zonedMoment("Asia/Kolkata", new Date("2026-06-14T18:30:00Z")),
      "2026-06-15 00:00 Asia/Kolkata (2026-06-14 18:30 UTC)",
    );
    assert.equal(zonedMoment("UTC", new Date("2026-06-14T18:30:00Z")), "2026-06-14 18:30 UTC");
  });

  const zone = fc.constantFrom(
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Australia/Lord_Howe",
  );
  const instant = fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2035, 0) }).map((time) => time - (time % 60_000));

  it("find for what the clocks show an instant at which they show it, the first one", () => {
    fc.assert(
      fc.property(zone, instant, (timeZone, time) => {
        const local = time + offsetAt(timeZone, time);
        const found = instantOf(timeZone, local);
        assert.ok(found <= time);
        assert.equal(found + offsetAt(timeZone, found), local);
      }),
    );
  });

  const time = fc.integer({ min: 0, max: 95 }).map((quarter) => {
    const hours = String(Math.floor(quarter / 4)).padStart(2, "0");
    return `${hours}:${String((quarter % 4) * 15).padStart(2, "0")}`;
  });
  const window = fc
    .record({ days: fc.subarray([...weekdays], { minLength: 1 }), from: time, to: time, timeZone: zone })
    .filter(({ from, to }) => from !== to);

  it("are open from the moment they name until the other one", () => {
    fc.assert(
      fc.property(window, instant, (one, at) => {
        const now = windowState([one], new Date(at));
        if (now.open) {
          assert.ok(now.closesAt.getTime() > at && now.closesAt.getTime() - at <= 25 * 3_600_000);
          assert.equal(windowState([one], new Date(now.closesAt.getTime() - 1)).open, true);
        } else {
          const opens = now.opensAt?.getTime() ?? Number.NaN;
          assert.ok(opens > at);
          assert.equal(windowState([one], new Date(opens - 1)).open, false);
          assert.equal(windowState([one], new Date(opens)).open, true);
        }
      }),
    );
  });
});
