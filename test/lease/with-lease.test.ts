import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createContext, type Context } from "../../automation/context.ts";
import { withLease } from "../../automation/deploy/lease.ts";
import { processIdentity } from "../../automation/engine/process-identity.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { leaseKey, leaseText, readLease, type Holder } from "../../automation/lease/document.ts";
import { assertStillHolding } from "../../automation/lease/holding.ts";
import { append, readLedger } from "../../automation/promotion/ledger.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { failsWith, scratch } from "../git/throw-away.ts";
import { holderNamed } from "./holders.ts";

const operation = { verb: "up", stack: "dev", by: "ada" };
/** Higher than any process number of the system. */
const nobody = 2 ** 30;

describe("withLease", () => {
  const temporary = scratch();
  const children: ChildProcess[] = [];
  let store: DirectoryStore;
  let said: string;
  let interrupt: AbortController;

  beforeEach(() => {
    store = new DirectoryStore(temporary.directory());
    said = "";
    interrupt = new AbortController();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });
  after(() => temporary.clear());

  const context = (): Context => {
    const sink = { write: (text: string) => ((said += text), true) } as unknown as NodeJS.WritableStream;
    const { signal } = interrupt;
    return createContext({
      ...{ options: {}, environment: { NO_COLOR: "1" }, cwd: import.meta.dirname, stdout: sink, stderr: sink },
      ...{ signal, terminate: signal },
    });
  };
  const run = <T>(work: Parameters<typeof withLease<T>>[3], seconds?: string) =>
    withLease(context(), { store, environment: seconds ? { SLIPWAY_LEASE_SECONDS: seconds } : {} }, operation, work);
  const record = () => append(store, "dev", { kind: "frozen", by: "ada", active: true, reason: "x" }, () => new Date());
  const leave = async (change: Partial<Holder>, expiresInMs = 60_000) => {
    const at = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
    const body = leaseText({
      ...{ schema: 1, state: "held", environment: "dev", fence: 4, unsettled: [] },
      ...{ holder: { ...holderNamed("bob"), ...change }, renewedAt: at(0), expiresAt: at(expiresInMs) },
    });
    await store.put(leaseKey("dev"), body);
  };
  const startEngine = () => {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume().on('end', () => {})"], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    children.push(child);
    const identity = processIdentity(child.pid ?? 0);
    return { child, enginePid: child.pid ?? 0, ...(identity === undefined ? {} : { engineIdentity: identity }) };
  };

  it("holds the lease while it works, shows the engine, and gives it back; records carry the number", async () => {
    const result = await run(async ({ onEngine }) => {
      await onEngine({ pid: 77, identity: "x", startedAt: "", eventLog: "/events", log: "/log" });
      const document = (await readLease(store, "dev"))?.document;
      assert.ok(document?.state === "held");
      assert.deepEqual([document.holder.who, document.holder.enginePid], ["ada", 77]);
      await record();
      return "done";
    });
    assert.equal(result, "done");
    assert.equal((await readLease(store, "dev"))?.document.state, "released");
    await record();
    assert.deepEqual(
      (await readLedger(store, "dev")).map(({ fence }) => fence),
      [1, undefined],
    );
  });

  it("gives it back when the work fails, whose error it is", async () => {
    await assert.rejects(
      run(() => Promise.reject(new Error("the work failed"))),
      /the work failed/u,
    );
    assert.equal((await readLease(store, "dev"))?.document.state, "released");
  });

  it("names who holds it, since when, and how long still", async () => {
    await leave({ machine: "there", host: "runner-7", pid: 4711 });
    await assert.rejects(
      run(() => Promise.resolve()),
      failsWith(
        ExitCode.leaseHeld,
        /up dev by bob, process 4711 on runner-7, since 2026-05-01T.*lasts (?:1 min 0 s|59 s) more/u,
      ),
    );
    assert.deepEqual(await readLedger(store, "dev"), []);
  });

  it("records a killed run first, under its own number", async () => {
    await leave({ pid: nobody, commit: "c".repeat(40) });
    await run(record);
    const records = await readLedger(store, "dev");
    assert.deepEqual(
      records.map(({ kind, fence }) => [kind, fence]),
      [
        ["interrupted", 5],
        ["frozen", 5],
      ],
    );
    assert.match(said, /an earlier up of dev, begun 2026-05-01T00:00:00.000Z, ended without a word/u);
  });

  it("does not forget a killed run whose successor was killed before it could record it, nor records it twice", async () => {
    await leave({ pid: nobody });
    const before = await readLease(store, "dev");
    assert.ok(before?.document.state === "held");
    const older = { verb: "promote", host: "h", startedAt: "2026-04-01T00:00:00.000Z" };
    const recorded = { verb: "up", host: "h", startedAt: "2026-03-01T00:00:00.000Z" };
    await append(store, "dev", { kind: "interrupted", by: "bob", ...recorded }, () => new Date());
    await store.put(leaseKey("dev"), leaseText({ ...before.document, unsettled: [recorded, older] }));
    await run(() => Promise.resolve());
    const records = await readLedger(store, "dev");
    assert.deepEqual(
      records.map((each) => each.kind === "interrupted" && each.verb),
      ["up", "promote", "up"],
    );
  });

  it("waits for the engine of a killed driver, then goes on", async () => {
    const { child, ...engine } = startEngine();
    await leave({ pid: nobody, ...engine });
    const running = run(record);
    while (!/is still at work; waiting/u.test(said)) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await readLedger(store, "dev"), []);
    child.stdin?.end();
    await running;
    assert.deepEqual(
      (await readLedger(store, "dev")).map(({ kind }) => kind),
      ["interrupted", "frozen"],
    );
  });

  it("stops waiting when a person says so", async () => {
    const { child: _child, ...engine } = startEngine();
    await leave({ pid: nobody, ...engine });
    const running = run(record);
    while (!/is still at work; waiting/u.test(said)) await new Promise((resolve) => setTimeout(resolve, 5));
    interrupt.abort();
    await assert.rejects(running, failsWith(ExitCode.cancelled, /Cancelled while waiting/u));
  });

  it("cancels work whose lease was taken, lets it write nothing more, and ends with 21", async () => {
    const running = run(async ({ context: leased }) => {
      await leave({ machine: "there", host: "runner-7" });
      await once(leased.signal, "abort");
      await assert.rejects(record(), failsWith(ExitCode.leaseHeld, /lost/u));
      assert.throws(() => assertStillHolding(), failsWith(ExitCode.leaseHeld, /lost/u));
      throw new SlipwayError(ExitCode.cancelled, "the engine was cancelled");
    }, "1");
    await assert.rejects(running, failsWith(ExitCode.leaseHeld, /somebody else has taken it/u));
    assert.deepEqual(await readLedger(store, "dev"), []);
    const document = (await readLease(store, "dev"))?.document;
    assert.equal(document?.state === "held" && document.holder.who, "bob");
  }).timeout(10_000);

  it("leaves other environments' records and work outside a lease alone", async () => {
    await run(() => append(store, "prod", { kind: "frozen", by: "a", active: true, reason: "x" }, () => new Date()));
    assert.equal((await readLedger(store, "prod"))[0]?.fence, undefined);
    assertStillHolding();
  });

  for (const seconds of ["0", "x", "86400"])
    it(`refuses a time of ${seconds}`, async () => {
      await assert.rejects(
        run(() => Promise.resolve(), seconds),
        failsWith(ExitCode.usage, /SLIPWAY_LEASE_SECONDS/u),
      );
    });
});
