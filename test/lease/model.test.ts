import assert from "node:assert/strict";
import fc from "fast-check";
import { CLOCK_SKEW_MS } from "../../automation/lease/decide.ts";
import { acquireLease, type Lease } from "../../automation/lease/lease.ts";
import type { PutCondition, PutResult, Store, Stored } from "../../automation/store/store.ts";
import { holderNamed } from "./holders.ts";

const ttlMs = 60_000;
const processes = [0, 1, 2, 3] as const;
/** Two processes on each of two machines. */
const machineOf = (process: number) => process % 2;

/** A store in memory: what is tested here is time, not files. */
class MemoryStore implements Store {
  readonly location = "memory";
  readonly #documents = new Map<string, Stored>();
  #version = 0;
  get(key: string): Promise<Stored | undefined> {
    return Promise.resolve(this.#documents.get(key));
  }
  put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutResult> {
    const current = this.#documents.get(key);
    if (condition && "ifAbsent" in condition && current) return Promise.resolve({ ok: false, reason: "exists" });
    if (condition && "ifMatch" in condition && current?.etag !== condition.ifMatch)
      return Promise.resolve({ ok: false, reason: current ? "changed" : "missing" });
    const etag = String((this.#version += 1));
    this.#documents.set(key, { body: Buffer.from(body), etag });
    return Promise.resolve({ ok: true, etag });
  }
  list(): Promise<string[]> {
    return Promise.resolve([...this.#documents.keys()]);
  }
}

type Step =
  | { act: "acquire" | "renew" | "release" | "kill"; process: number }
  | { act: "pass"; milliseconds: number }
  | { act: "set-clock"; machine: number; offset: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ act: fc.constant("acquire" as const), process: fc.constantFrom(...processes) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        act: fc.constantFrom("renew" as const, "release" as const, "kill" as const),
        process: fc.constantFrom(...processes),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        act: fc.constant("pass" as const),
        milliseconds: fc.oneof(fc.integer({ min: 0, max: 2 * ttlMs }), fc.constantFrom(ttlMs - 1, ttlMs, ttlMs + 1)),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant("set-clock" as const),
        machine: fc.constantFrom(0, 1),
        // Each clock is right to half of the slack, in any direction and with any jump in between.
        offset: fc.integer({ min: -CLOCK_SKEW_MS / 2, max: CLOCK_SKEW_MS / 2 }),
      }),
    },
  ),
  { minLength: 10, maxLength: 60, size: "max" },
);

class World {
  readonly store = new MemoryStore();
  readonly leases = new Map<number, Lease>();
  /** A killed process comes back as a new one with another number. */
  readonly pids = new Map<number, number>(processes.map((process) => [process, process + 1]));
  readonly offsets = [0, 0];
  readonly fences: number[] = [];
  now = 1_800_000_000_000;

  async acquire(process: number): Promise<void> {
    const machine = machineOf(process);
    const pid = this.pids.get(process) ?? 0;
    const result = await acquireLease(this.store, {
      ...{ environment: "dev", ttlMs },
      holder: { ...holderNamed("x"), machine: `m${machine}`, pid },
      clock: { wall: () => this.now + (this.offsets[machine] ?? 0), monotonic: () => this.now },
      view: { machine: `m${machine}`, isAlive: (asked) => [...this.pids.values()].includes(asked) },
    });
    if (!result.ok) return;
    this.leases.set(process, result.lease);
    this.fences.push(result.lease.fence);
  }

  async take(step: Step): Promise<void> {
    if (step.act === "pass") this.now += step.milliseconds;
    else if (step.act === "set-clock") this.offsets[step.machine] = step.offset;
    else if (step.act === "acquire") await this.acquire(step.process);
    else if (step.act === "renew")
      await this.leases
        .get(step.process)
        ?.update({})
        .catch(() => undefined);
    else if (step.act === "release") await this.leases.get(step.process)?.release();
    else {
      this.leases.delete(step.process);
      this.pids.set(step.process, Math.max(...this.pids.values()) + 1);
    }
  }

  /** Numbers of the leases whose holders would still write. */
  writers(): number[] {
    return [...this.leases.values()].flatMap((lease) => {
      try {
        lease.assertHeld();
        return [lease.fence];
      } catch {
        return [];
      }
    });
  }
}

describe("leases of four processes on two machines", () => {
  it("never let two of them write at a time, and number them strictly upwards", async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const world = new World();
        for (const step of sequence) {
          await world.take(step);
          const writers = world.writers();
          assert.ok(writers.length <= 1, `writers ${writers.join(", ")} after ${JSON.stringify(step)}`);
          assert.ok(writers.every((fence) => fence === world.fences.at(-1)));
        }
        assert.deepEqual(
          world.fences,
          world.fences.map((_, at) => at + 1),
        );
        taken += Math.max(0, world.fences.length - 1);
        for (const lease of world.leases.values()) await lease.release();
      }),
      { numRuns: 300 },
    );
    assert.ok(taken > 300, `only ${taken} leases changed hands: the model tries too little`);
  }).timeout(20_000);
});
