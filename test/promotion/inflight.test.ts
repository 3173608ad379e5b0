import assert from "node:assert/strict";
import { SlipwayError } from "../../automation/errors.ts";
import { acquireLease } from "../../automation/lease/lease.ts";
import { readInflight } from "../../automation/promotion/inflight.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { scratch } from "../git/throw-away.ts";
import { holderNamed } from "../lease/holders.ts";

describe("running operation of an environment", () => {
  const temporary = scratch();
  let store: DirectoryStore;
  beforeEach(() => (store = new DirectoryStore(temporary.directory())));
  after(() => temporary.clear());

  it("is whoever holds the lease, with what it is doing and until when", async () => {
    assert.equal(await readInflight(store, "dev"), undefined);
    const holder = holderNamed("ada");
    const taken = await acquireLease(store, { environment: "dev", holder });
    assert.ok(taken.ok);
    const engine = { enginePid: 20, engineIdentity: "2", eventLog: "/logs/events.jsonl" };
    await taken.lease.update(engine);
    const found = await readInflight(store, "dev");
    const { expiresAt, ...marker } = found?.marker ?? { expiresAt: "" };
    assert.deepEqual(marker, { ...holder, ...engine, environment: "dev", fence: 1 });
    assert.ok(Date.parse(expiresAt) > Date.now());
    assert.equal(await readInflight(store, "prod"), undefined);
    assert.equal(await taken.lease.release(), true);
    assert.equal(await readInflight(store, "dev"), undefined);
  });

  it("says where a damaged lease is", async () => {
    await store.put("leases/dev.json", "{");
    await assert.rejects(
      readInflight(store, "dev"),
      (error) => error instanceof SlipwayError && /leases\/dev\.json$/u.test(error.where ?? ""),
    );
  });
});
