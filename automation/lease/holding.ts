import { AsyncLocalStorage } from "node:async_hooks";
import type { WriteGuard } from "./lease.ts";

interface Holding extends WriteGuard {
  readonly environment: string;
}

const current = new AsyncLocalStorage<Holding>();

/**
 * Runs work under a lease. Whatever that work writes for the environment is checked against the lease and carries its number, however
 * deep in the work it is written: a write that somebody forgot to guard is the one that does the damage.
 */
export const whileHolding = <T>(lease: Holding, work: () => Promise<T>): Promise<T> => current.run(lease, work);

/** The lease of an environment that the work now running holds; undefined outside of one. */
export function heldLease(environment: string): WriteGuard | undefined {
  const held = current.getStore();
  return held?.environment === environment ? held : undefined;
}

/** To be called right before a change that is no record, such as a tag's move. Throws (lease held) in work whose lease is lost. */
export function assertStillHolding(): void {
  current.getStore()?.assertHeld();
}
