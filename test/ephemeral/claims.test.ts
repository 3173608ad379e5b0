import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { isOver, withClaim, withoutClaim, type Claim } from "../../automation/ephemeral/claims.ts";
import { changeClaims, claimsKey, readClaims } from "../../automation/ephemeral/claims-store.ts";
import { stackOf, takeAccount } from "../../automation/ephemeral/stacks.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import type { Workspace } from "../../automation/workspace.ts";

const accounts = ["555555555555", "666666666666"];
const start = new Date("2026-03-01T12:00:00.000Z");
const hour = 3_600_000;
const wish = (stack: string, now = start) => ({ stack, by: "ada", commit: "abc", now, timeToLive: 48 * hour });

const taken = (claims: readonly Claim[], stack: string, now = start): Claim[] => {
  const answer = withClaim(claims, accounts, wish(stack, now));
  assert.ok("claims" in answer);
  return answer.claims;
};

describe("claims of ephemeral stacks", () => {
  it("give each stack an account of its own, and none where all are taken", () => {
    const two = taken(taken([], "pr-12"), "pr-7");
    assert.deepEqual(
      two.map(({ stack, account }) => [stack, account]),
      [
        ["pr-7", "666666666666"],
        ["pr-12", "555555555555"],
      ],
    );
    const third = withClaim(two, accounts, wish("pr-9"));
    assert.deepEqual(third, { full: two });
  });

  it("give a stack that is there its time anew, and leave it its account", () => {
    const later = new Date(start.getTime() + 40 * hour);
    const [first] = taken([], "pr-7");
    const [renewed] = taken(taken([], "pr-7"), "pr-7", later);
    assert.equal(renewed?.account, first?.account);
    assert.equal(renewed?.createdAt, start.toISOString());
    assert.equal(renewed?.expiresAt, new Date(later.getTime() + 48 * hour).toISOString());
  });

  it("are over at their very end, not before", () => {
    const [claim] = taken([], "pr-7");
    assert.ok(claim);
    assert.equal(isOver(claim, new Date(start.getTime() + 48 * hour - 1)), false);
    assert.equal(isOver(claim, new Date(start.getTime() + 48 * hour)), true);
  });

  it("end for the claim that was looked at, not for one that got more time since", () => {
    const claims = taken([], "pr-7");
    const [looked] = claims;
    assert.ok(looked);
    assert.deepEqual(withoutClaim(claims, looked), []);
    const renewed = taken(claims, "pr-7", new Date(start.getTime() + hour));
    assert.deepEqual(withoutClaim(renewed, looked), renewed);
  });

  it("never give an account to two, whatever comes in whatever order", () => {
    const steps = fc.array(fc.record({ number: fc.integer({ min: 1, max: 6 }), ends: fc.boolean() }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, (all) => {
        let claims: Claim[] = [];
        for (const { number, ends } of all) {
          const own = claims.find(({ stack }) => stack === `pr-${number}`);
          if (ends && own) claims = withoutClaim(claims, own);
          const answer = ends ? undefined : withClaim(claims, accounts, wish(`pr-${number}`));
          if (answer && "claims" in answer) claims = answer.claims;
          else if (answer) assert.equal(claims.length, accounts.length);
          assert.equal(new Set(claims.map(({ account }) => account)).size, claims.length);
          assert.equal(new Set(claims.map(({ stack }) => stack)).size, claims.length);
        }
      }),
    );
  });
});

describe("the store of ephemeral stacks", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-ephemeral-"));
  after(() => rmSync(folder, { recursive: true }));

  it("gives away each account once, also to those who come at the same time", async () => {
    const store = new DirectoryStore(join(folder, "race"));
    const settings = { template: "dev", timeToLive: hour, accounts };
    const workspace = { store } as unknown as Workspace;
    const answers = await Promise.allSettled(
      [1, 2, 3, 4].map((number) => takeAccount(workspace, settings, wish(`pr-${number}`))),
    );
    const given = answers.flatMap((one) => (one.status === "fulfilled" ? [one.value.account] : []));
    assert.deepEqual(given.sort(), accounts);
    const refused = answers.flatMap((one) => (one.status === "rejected" ? [one.reason as { code: number }] : []));
    assert.deepEqual(
      refused.map(({ code }) => code),
      [21, 21],
    );
    assert.equal((await readClaims(store)).length, 2);
  });

  it("refuses a document that names an environment, so that no sweep deletes one", async () => {
    const store = new DirectoryStore(join(folder, "tampered"));
    const claim = { ...taken([], "pr-7")[0], stack: "prod" };
    await store.put(claimsKey, JSON.stringify({ schema: 1, claims: [claim] }));
    await assert.rejects(readClaims(store), /cannot be read; none is touched/u);
    await assert.rejects(
      changeClaims(store, () => []),
      /cannot be read/u,
    );
  });
});

describe("the name of an ephemeral stack", () => {
  for (const given of ["7", "#7", "pr-7"]) it(`is pr-7 for ${given}`, () => assert.equal(stackOf(given), "pr-7"));
  for (const given of [undefined, "", "prod", "operations", "0", "07", "-1", "7;x", "pr-", "pr-pr-7", "1234567890"])
    it(`is none for ${JSON.stringify(given)}`, () =>
      assert.throws(() => stackOf(given), /expected the number of a pull/u));
});
