import assert from "node:assert/strict";
import type { Store } from "../../automation/store/store.ts";
import { SlipwayError } from "../../automation/errors.ts";

/** A backend under test: `open` gives a new handle on the same empty store each time it is called within one test. */
export interface StoreUnderTest {
  open(): Store;
  /** Runs `count` writers over several processes, all putting `key` under the condition; answers how many won. */
  race(count: number, key: string, condition: "ifAbsent" | { ifMatch: string }): Promise<number>;
}

const WRITERS = 50;

/** What every backend of the store must do. `fresh` makes an empty store. */
export function storeContract(fresh: () => Promise<StoreUnderTest>): void {
  let current: StoreUnderTest | undefined;
  const open = (): StoreUnderTest => {
    assert.ok(current);
    return current;
  };
  beforeEach(async () => {
    current = await fresh();
  });

  describe("documents", () => documents(open));
  describe("conditions", () => conditions(open));
  describe("keys", () => keys(open));
  describe("races", () => races(open));
}

function documents(open: () => StoreUnderTest): void {
  const store = (): Store => open().open();

  it("answers undefined for what was never put", async () => {
    assert.equal(await store().get("a/b.json"), undefined);
  });

  it("gives back the very bytes, to another handle as well", async () => {
    const body = Uint8Array.from([0, 255, 13, 10, 200]);
    const put = await store().put("bytes/x", body);
    const found = await open().open().get("bytes/x");
    assert.ok(put.ok);
    assert.deepEqual(Buffer.from(found?.body ?? []), Buffer.from(body));
    assert.equal(found?.etag, put.etag);
  });

  it("replaces without a condition", async () => {
    await store().put("k", "one");
    await store().put("k", "two");
    assert.equal(text(await store().get("k")), "two");
  });

  it("lists keys below a prefix in order and nothing beside", async () => {
    for (const key of ["l/b", "l/a/c", "l/B", "lx/a", "l/a.json"]) await store().put(key, key);
    assert.deepEqual(await store().list("l/"), ["l/B", "l/a.json", "l/a/c", "l/b"]);
    assert.deepEqual(await store().list(""), ["l/B", "l/a.json", "l/a/c", "l/b", "lx/a"]);
    assert.deepEqual(await store().list("none/"), []);
  });
}

function conditions(open: () => StoreUnderTest): void {
  const store = (): Store => open().open();

  it("creates only what is absent with ifAbsent", async () => {
    assert.equal((await store().put("k", "one", { ifAbsent: true })).ok, true);
    assert.deepEqual(await store().put("k", "two", { ifAbsent: true }), { ok: false, reason: "exists" });
    assert.equal(text(await store().get("k")), "one");
  });

  it("replaces only the named version with ifMatch", async () => {
    assert.deepEqual(await store().put("k", "x", { ifMatch: "none" }), { ok: false, reason: "missing" });
    const first = await store().put("k", "one");
    assert.ok(first.ok);
    const second = await store().put("k", "two", { ifMatch: first.etag });
    assert.ok(second.ok);
    assert.notEqual(second.etag, first.etag);
    assert.deepEqual(await store().put("k", "three", { ifMatch: first.etag }), { ok: false, reason: "changed" });
    assert.equal(text(await store().get("k")), "two");
  });
}

function keys(open: () => StoreUnderTest): void {
  const store = (): Store => open().open();

  for (const key of [
    "",
    "/a",
    "a/",
    "a//b",
    "..",
    "a/../b",
    "a/./b",
    ".hidden",
    "a b",
    "ä",
    "a\\b",
    "a\u0000b",
    "~x",
  ]) {
    it(`refuses the key ${JSON.stringify(key)}`, async () => {
      await assert.rejects(store().put(key, "x"), SlipwayError);
      await assert.rejects(store().get(key), SlipwayError);
    });
  }
}

function races(open: () => StoreUnderTest): void {
  const store = (): Store => open().open();

  it(`lets exactly one of ${WRITERS} writers create a document`, async () => {
    assert.equal(await open().race(WRITERS, "race/absent", "ifAbsent"), 1);
    assert.match(text(await store().get("race/absent")), /^writer \d+$/u);
  }).timeout(20_000);

  it(`lets exactly one of ${WRITERS} writers replace a version`, async () => {
    const first = await store().put("race/match", "first");
    assert.ok(first.ok);
    assert.equal(await open().race(WRITERS, "race/match", { ifMatch: first.etag }), 1);
    assert.match(text(await store().get("race/match")), /^writer \d+$/u);
  }).timeout(20_000);
}

export function text(stored: { body: Uint8Array } | undefined): string {
  return Buffer.from(stored?.body ?? []).toString("utf8");
}
