import { readLease, type HeldLease, type Holder } from "../lease/document.ts";
import type { Store } from "../store/store.ts";

/** An operation that has begun and, as far as the store knows, not ended. */
export interface OperationMarker extends Holder {
  environment: string;
  /** Number of its lease. */
  fence: number;
  /** When its lease runs out unless it is renewed: much earlier than now means that its driver is gone. */
  expiresAt: string;
}

export interface Inflight {
  marker: OperationMarker;
}

/** The running operation of an environment: whoever holds its lease. Undefined when nobody does. */
export async function readInflight(store: Store, environment: string): Promise<Inflight | undefined> {
  const found = await readLease(store, environment);
  return found?.document.state === "held" ? { marker: markerOf(found.document) } : undefined;
}

const markerOf = ({ holder, environment, fence, expiresAt }: HeldLease): OperationMarker => ({
  ...holder,
  environment,
  fence,
  expiresAt,
});
