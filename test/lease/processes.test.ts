import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { ExitCode } from "../../automation/errors.ts";
import { whileHolding } from "../../automation/lease/holding.ts";
import { acquireLease, type Lease } from "../../automation/lease/lease.ts";
import { append, readLedger } from "../../automation/promotion/ledger.ts";
import { openStore } from "../../automation/store/open.ts";
import type { Store } from "../../automation/store/store.ts";
import { scratch } from "../git/throw-away.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";
import { holderNamed } from "./holders.ts";
import { contend } from "./contend.ts";

/** Of the holder that stands still; the one that is killed has a lease that outlasts the test. */
const shortMs = 1500;
const longMs = 600_000;

describe("leases and real processes", () => {
  const temporary = scratch();
  const children: ChildProcess[] = [];
  let cloud: MiniStack;
  let buckets = 0;

  before(async function () {
    this.timeout(120_000);
    cloud = await startMiniStack();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });
  after(async () => {
    temporary.clear();
    await cloud.stop();
  });

  // The emulator answers one request at a time: more attempts there only wait longer.
  const places: [string, number, () => Promise<string>][] = [
    ["a directory", 1000, () => Promise.resolve(temporary.directory())],
    [
      "S3",
      200,
      async () => {
        const Bucket = `slipway-lease-${(buckets += 1)}`;
        const credentials = { accessKeyId: "111111111111", secretAccessKey: "secret" };
        const options = { endpoint: cloud.endpoint, region: "us-east-1", credentials, forcePathStyle: true };
        await new S3Client(options).send(new CreateBucketCommand({ Bucket }));
        return `s3://${Bucket}?region=us-east-1&endpoint=${cloud.endpoint}`;
      },
    ],
  ];
  const open = (url: string): Promise<Store> =>
    openStore({ root: "/", environment: { ...cloud.environment(), SLIPWAY_STORE: url }, directory: "/" });
  const startHolder = (url: string, ttlMs: number) => {
    const holder = new HolderProcess([url, "dev", String(ttlMs)], { ...process.env, ...cloud.environment() });
    children.push(holder.child);
    return holder;
  };

  for (const [name, crowd, place] of places)
    describe(`in ${name}`, () => {
      it(`gives ${crowd} attempts of five processes one holder, and shows it to all others`, async () => {
        const url = await place();
        const { fences, refusedBy, attempts } = await contend(url, crowd, cloud.environment());
        assert.equal(attempts, crowd);
        assert.deepEqual(fences, [1]);
        assert.equal(refusedBy.length, 1);
      }).timeout(60_000);

      it("passes a killed holder's lease on at once", async () => {
        const url = await place();
        const holder = startHolder(url, longMs);
        await holder.said(/wrote 2$/u);
        assert.equal((await tryAcquire(await open(url))).ok, false);
        holder.child.kill("SIGKILL");
        const lease = await acquireSoon(await open(url));
        assert.equal(lease.fence, 2);
        assert.equal(lease.unsettled.length, 1);
        await lease.release();
      }).timeout(20_000);

      it("stops a holder that stood still past its time before its next write", async () => {
        const url = await place();
        const store = await open(url);
        const holder = startHolder(url, shortMs);
        await holder.said(/wrote 2$/u);
        holder.child.kill("SIGSTOP");
        const lease = await acquireSoon(store);
        const entry = { kind: "frozen", by: "parent", active: false, reason: "the new holder" } as const;
        const mine = await whileHolding(lease, () => append(store, "dev", entry, () => new Date()));
        holder.child.kill("SIGCONT");
        await holder.said(new RegExp(`refused ${ExitCode.leaseHeld}$`, "u"));
        const records = await readLedger(store, "dev");
        assert.deepEqual(
          records.slice(mine.sequence - 1).map(({ by, fence }) => [by, fence]),
          [["parent", 2]],
        );
        assert.ok(records.slice(0, mine.sequence - 1).every(({ by, fence }) => by === "child" && fence === 1));
        lease.assertHeld();
        assert.equal(await lease.release(), true);
      }).timeout(20_000);
    });
});

const tryAcquire = (store: Store) =>
  acquireLease(store, { environment: "dev", holder: holderNamed("parent"), ttlMs: 60_000 });

/** Tries until it is free; the test's own time limit is the deadline. */
async function acquireSoon(store: Store): Promise<Lease> {
  for (;;) {
    const result = await tryAcquire(store);
    if (result.ok) return result.lease;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

class HolderProcess {
  readonly child: ChildProcess;
  #output = "";

  constructor(args: string[], environment: NodeJS.ProcessEnv) {
    const script = join(import.meta.dirname, "holder-process.ts");
    this.child = spawn(process.execPath, [script, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      env: environment,
    });
    this.child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (this.#output += chunk));
  }

  /** Resolves when a line of its output matches; rejects when it ends before that. */
  async said(pattern: RegExp): Promise<void> {
    while (!this.#output.split("\n").some((line) => pattern.test(line))) {
      const more = once(this.child.stdout ?? this.child, "data");
      const ended = once(this.child, "close").then(() => "ended");
      if ((await Promise.race([more, ended])) === "ended")
        assert.ok(
          this.#output.split("\n").some((line) => pattern.test(line)),
          `it ended after: ${this.#output}`,
        );
    }
  }
}
