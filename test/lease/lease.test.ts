import assert from "node:assert/strict";
import { ExitCode } from "../../automation/errors.ts";
import { readLease } from "../../automation/lease/document.ts";
import { acquireLease, type Lease, type LeaseRequest } from "../../automation/lease/lease.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import type { PutCondition, Store } from "../../automation/store/store.ts";
import { failsWith, scratch } from "../git/throw-away.ts";
import { handClock, holderNamed, type HandClock } from "./holders.ts";

const ttlMs = 60_000;

describe("Lease", () => {
  const temporary = scratch();
  let store: DirectoryStore;
  let clock: HandClock;
  beforeEach(() => {
    store = new DirectoryStore(temporary.directory());
    clock = handClock();
  });
  after(() => temporary.clear());

  const request = (who: string): LeaseRequest => ({
    ...{ environment: "dev", holder: holderNamed(who), ttlMs, clock },
    view: { machine: holderNamed(who).machine, isAlive: () => true },
  });
  const take = async (who: string, from: Store = store): Promise<Lease> => {
    const result = await acquireLease(from, request(who));
    assert.ok(result.ok, `${who} did not get the lease`);
    return result.lease;
  };
  const lost = failsWith(ExitCode.leaseHeld, /lease of dev was lost/u);

  it("goes from holder to holder with rising numbers, also over a release", async () => {
    const first = await take("ada");
    first.assertHeld();
    assert.equal((await acquireLease(store, request("bob"))).ok, false);
    assert.equal(await first.release(), true);
    assert.throws(() => first.assertHeld(), lost);
    const second = await take("bob");
    assert.deepEqual([first.fence, second.fence], [1, 2]);
    assert.equal(await first.release(), false);
    second.assertHeld();
  });

  it("counts on from the highest number in use where its document is gone", async () => {
    const result = await acquireLease(store, { ...request("ada"), highestFence: async () => 41 });
    assert.equal(result.ok && result.lease.fence, 42);
  });

  it("lasts as long as it is renewed, and not longer", async () => {
    const lease = await take("ada");
    for (let quarter = 0; quarter < 12; quarter += 1) {
      clock.pass(ttlMs / 4);
      await lease.update({});
    }
    clock.pass(ttlMs - 1);
    lease.assertHeld();
    assert.equal((await acquireLease(store, request("bob"))).ok, false);
    clock.pass(1);
    assert.throws(() => lease.assertHeld(), lost);
    assert.equal(lease.signal.aborted, true);
    await assert.rejects(lease.update({}), lost);
    assert.equal(await lease.release(), false);
  });

  it("is lost with the first write after somebody else took it", async () => {
    const first = await take("ada");
    clock.pass(ttlMs);
    const second = await take("bob");
    await assert.rejects(first.update({ enginePid: 5 }), lost);
    const document = (await readLease(store, "dev"))?.document;
    assert.equal(document?.state === "held" && document.holder.who, "bob");
    assert.deepEqual(
      second.unsettled.map(({ verb }) => verb),
      ["up"],
    );
    await second.settle();
    assert.deepEqual(second.unsettled, []);
  });

  it("stays when the wall clock goes back, and its time in the store does not go back with it", async () => {
    const lease = await take("ada");
    const expiry = async () => {
      const document = (await readLease(store, "dev"))?.document;
      return document?.state === "held" ? Date.parse(document.expiresAt) : 0;
    };
    const before = await expiry();
    clock.pass(1000);
    clock.setWall(clock.wall() - 3_600_000);
    lease.assertHeld();
    await lease.update({});
    assert.equal(await expiry(), before + 1000);
    clock.pass(1000);
    await lease.update({});
    assert.equal(await expiry(), before + 2000);
    clock.pass(ttlMs);
    assert.throws(() => lease.assertHeld(), lost);
  });

  it("refuses a write that a later holder was faster with", async () => {
    const lease = await take("ada");
    lease.assertHeld(1);
    assert.throws(() => lease.assertHeld(2), lost);
    assert.throws(() => lease.assertHeld(), lost);
  });

  it("queues its writes: each names the version before", async () => {
    const lease = await take("ada");
    await Promise.all([lease.update({ enginePid: 5 }), lease.update({ eventLog: "/e" }), lease.update({})]);
    const document = (await readLease(store, "dev"))?.document;
    assert.ok(document?.state === "held");
    assert.deepEqual([document.holder.enginePid, document.holder.eventLog], [5, "/e"]);
  });
});

describe("Lease on a real clock", () => {
  const temporary = scratch();
  after(() => temporary.clear());

  /** A directory whose writes may be made to fail. */
  class Flaky extends DirectoryStore {
    down = false;
    override put(key: string, body: string, condition?: PutCondition) {
      return this.down ? Promise.reject(new Error("unreachable")) : super.put(key, body, condition);
    }
  }
  const take = async (store: Store, ttl: number) => {
    const result = await acquireLease(store, { environment: "dev", holder: holderNamed("ada"), ttlMs: ttl });
    assert.ok(result.ok);
    return result.lease;
  };
  const expiryOf = async (store: Store) => {
    const document = (await readLease(store, "dev"))?.document;
    return document?.state === "held" ? document.expiresAt : "";
  };
  const until = async (condition: () => Promise<boolean> | boolean) => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it("is renewed by itself, through a store that is away for a while", async () => {
    const store = new Flaky(temporary.directory());
    const lease = await take(store, 2000);
    const first = await expiryOf(store);
    await until(async () => (await expiryOf(store)) > first);
    store.down = true;
    const second = await expiryOf(store);
    await assert.rejects(lease.update({}), /unreachable/u);
    lease.assertHeld();
    store.down = false;
    await until(async () => (await expiryOf(store)) > second);
    lease.assertHeld();
    assert.equal(await lease.release(), true);
  }).timeout(10_000);

  it("is lost, and says so by its signal, when the store stays away", async () => {
    const store = new Flaky(temporary.directory());
    const lease = await take(store, 300);
    store.down = true;
    await until(() => lease.signal.aborted);
    assert.throws(() => lease.assertHeld(), failsWith(ExitCode.leaseHeld, /renewed in time/u));
  }).timeout(10_000);

  it("does not keep a process alive", async () => {
    const lease = await take(new DirectoryStore(temporary.directory()), 60_000);
    assert.deepEqual(
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length,
      (await lease.release(), process.getActiveResourcesInfo().filter((name) => name === "Timeout").length),
    );
  });
});
