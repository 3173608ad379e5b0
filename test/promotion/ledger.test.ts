import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { SlipwayError } from "../../automation/errors.ts";
import { append, nextRecord, readLedger, recordKey } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { redact } from "../../automation/promotion/redact.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { scratch } from "../git/throw-away.ts";
import { anyEntry, commitOf, releaseOf } from "./entries.ts";

const clock = (): Date => new Date("2026-05-01T10:00:00Z");
const frozen: LedgerEntry = { kind: "frozen", by: "ada", active: true, reason: "year end" };

describe("ledger", () => {
  const temporary = scratch();
  after(() => temporary.clear());
  const freshStore = (): DirectoryStore => new DirectoryStore(temporary.directory());

  async function filled(entries: readonly LedgerEntry[]): Promise<DirectoryStore> {
    const store = freshStore();
    for (const entry of entries) await append(store, "dev", entry, clock);
    return store;
  }

  it("is empty before the first record", async () => {
    assert.deepEqual(await readLedger(freshStore(), "dev"), []);
  });

  it("reads back every sequence of appends as it was answered, chained and numbered", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEntry, { maxLength: 6 }), async (entries) => {
        const store = freshStore();
        const answered: LedgerRecord[] = [];
        for (const entry of entries) answered.push(await append(store, "dev", entry, clock));
        assert.deepEqual(await readLedger(store, "dev"), answered);
        for (const [at, record] of answered.entries()) {
          assert.equal(record.sequence, at + 1);
          assert.equal(record.previous, answered[at - 1]?.hash ?? null);
          const { schema: _s, environment: _e, sequence: _n, previous: _p, at: _t, hash: _h, ...entry } = record;
          assert.deepEqual(entry, structuredClone(entries[at]));
        }
      }),
      { numRuns: 25 },
    );
  });

  it("detects every change of a single byte at the record it is in, and adds nothing after it", async () => {
    const store = await filled([
      frozen,
      {
        kind: "promoted",
        by: "ada",
        verb: "up",
        release: releaseOf(1),
        seconds: 1.5,
        resources: 3,
        changes: { create: 3 },
      },
      frozen,
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (sequence, position, flip) => {
          const file = join(store.location, recordKey("dev", sequence));
          const good = readFileSync(file);
          const bad = Buffer.from(good);
          const at = position % bad.length;
          bad[at] = (bad[at] ?? 0) ^ flip;
          writeFileSync(file, bad);
          try {
            const named = (error: unknown): boolean => isDamage(error, sequence, file);
            await assert.rejects(readLedger(store, "dev"), named);
            await assert.rejects(append(store, "dev", frozen, clock), named);
            assert.equal(readdirSync(join(store.location, "ledger/dev")).length, 3);
          } finally {
            writeFileSync(file, good);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  for (const [what, bytes] of [
    ["cut short", (good: Buffer) => good.subarray(0, good.length / 2)],
    ["empty", () => Buffer.alloc(0)],
    ["longer", (good: Buffer) => Buffer.concat([good, Buffer.from(" ")])],
    ["no object", () => Buffer.from("[]\n")],
  ] as const) {
    it(`names a record that is ${what}`, async () => {
      const store = await filled([frozen, frozen]);
      const file = join(store.location, recordKey("dev", 2));
      writeFileSync(file, bytes(readFileSync(file)));
      await assert.rejects(readLedger(store, "dev"), (error) => isDamage(error, 2, file));
    });
  }

  it("names a record that is missing in the middle", async () => {
    const store = await filled([frozen, frozen, frozen]);
    const file = join(store.location, recordKey("dev", 2));
    rmSync(file);
    await assert.rejects(readLedger(store, "dev"), (error) => isDamage(error, 2, file));
    await assert.rejects(append(store, "dev", frozen, clock), (error) => isDamage(error, 2, file));
  });

  it("notices a record that was written anew with a hash of its own", async () => {
    const store = await filled([frozen, frozen]);
    const forged = nextRecord("dev", undefined, { ...frozen, reason: "forged" }, clock());
    const other = await filled([{ ...frozen, reason: "forged" }]);
    assert.equal((await readLedger(other, "dev"))[0]?.hash, forged.hash);
    writeFileSync(join(store.location, recordKey("dev", 1)), readFileSync(join(other.location, recordKey("dev", 1))));
    await assert.rejects(readLedger(store, "dev"), (error) =>
      isDamage(error, 2, join(store.location, recordKey("dev", 2))),
    );
  });

  it("refuses a record of another environment", async () => {
    const store = await filled([frozen]);
    await store.put(recordKey("prod", 1), (await store.get(recordKey("dev", 1)))?.body ?? "");
    await assert.rejects(readLedger(store, "prod"), /belongs elsewhere/u);
  });

  it("lets writers that race all in, one after the other", async () => {
    const store = freshStore();
    const reasons = Array.from({ length: 20 }, (_, at) => `reason ${at}`);
    await Promise.all(
      reasons.map((reason) => append(new DirectoryStore(store.location), "dev", { ...frozen, reason }, clock)),
    );
    const records = await readLedger(store, "dev");
    assert.deepEqual(
      records.map((record) => (record.kind === "frozen" ? record.reason : "")).sort(),
      [...reasons].sort(),
    );
  });

  it("refuses an entry that is not of its kind before anything is written", async () => {
    const store = freshStore();
    await assert.rejects(append(store, "dev", { ...frozen, extra: 1 } as LedgerEntry, clock));
    assert.deepEqual(await store.list("ledger/"), []);
  });

  it("keeps credentials out of what it stores", async () => {
    const secret = "AKIAABCDEFGHIJKLMNOP";
    const store = await filled([
      { kind: "failed", by: "ada", stage: "deploy", seconds: 1, error: `denied for ${secret}`, commit: commitOf(1) },
      {
        kind: "verified",
        by: "ada",
        seconds: 1,
        checks: [{ name: "n", kind: "http", passed: true, seconds: 1, message: `https://u:${secret}@h/` }],
      },
    ]);
    for (const key of await store.list("ledger/"))
      assert.ok(!readFileSync(join(store.location, key), "utf8").includes(secret));
  });
});

describe("redact", () => {
  const cases: [string, string][] = [
    ["key AKIAABCDEFGHIJKLMNOP used", "key [access key] used"],
    ["https://me:hunter2@example.com/x", "https://[credentials]@example.com/x"],
    ["https://example.com:8080/a@b", "https://example.com:8080/a@b"],
    ["Authorization: Bearer abc.def", "Authorization: Bearer [secret]"],
    [`token ghp_${"a".repeat(36)} refused`, "token [token] refused"],
    ["password=hunter2, user=me", "password=[secret], user=me"],
    ['{"aws_secret_access_key": "abc/def"}', '{"aws_secret_access_key": "[secret]"}'],
    ["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "[private key]"],
    ["-----BEGIN PRIVATE KEY-----\nabc", "[private key]"],
    ["\u001B[31mred\u001B[0m", "red"],
    ["the name is already in use", "the name is already in use"],
  ];
  for (const [text, expected] of cases)
    it(`turns ${JSON.stringify(text.slice(0, 40))} into what may be kept`, () => assert.equal(redact(text), expected));

  it("bounds the length and stays well formed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 5000, size: "max" }), (text) => {
        assert.ok(redact(text).length <= 2000);
        assert.ok(redact(text).isWellFormed());
      }),
      { numRuns: 50 },
    );
  });
});

function isDamage(error: unknown, sequence: number, file: string): boolean {
  assert.ok(error instanceof SlipwayError);
  assert.match(error.message, new RegExp(`^Record ${sequence} of the ledger of dev is damaged`, "u"));
  assert.equal(error.where, file);
  return true;
}
