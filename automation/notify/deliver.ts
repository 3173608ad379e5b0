import type { Store } from "../store/store.ts";
import type { NotificationEvent } from "./event.ts";
import type { Notifier } from "./notifier.ts";

/** How long telling may take, all ways and attempts together. */
export const DELIVERY_MS = 3000;

export interface Delivery {
  /** Where it is noted what has been told. */
  store: Pick<Store, "get" | "put">;
  notifiers: readonly Notifier[];
  warn(line: string): void;
  debug(line: string): void;
  limitMs?: number;
}

/**
 * Tells an event every way there is, each event once, whoever comes first. Never rejects and never lasts longer than the limit: what
 * was deployed is deployed, whether or not anybody hears of it.
 */
export async function deliver(event: NotificationEvent, delivery: Delivery): Promise<void> {
  const { notifiers, warn, debug, limitMs = DELIVERY_MS } = delivery;
  if (notifiers.length === 0) return;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), limitMs);
  const over = new Promise<"over">((resolve) => {
    deadline.signal.addEventListener("abort", () => resolve("over"), { once: true });
  });
  try {
    const isNew = await Promise.race([claim(event, delivery.store), over]);
    if (isNew === "over") return warn(`nobody was told of "${event.title}": the store did not answer in time`);
    if (!isNew) return debug(`already told: ${event.title}`);
    await Promise.all(
      notifiers.map((notifier) => tell(notifier, event, { signal: deadline.signal, over, warn, debug })),
    );
  } catch (error) {
    warn(`nobody was told of "${event.title}": ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
  }
}

interface Telling extends Pick<Delivery, "warn" | "debug"> {
  signal: AbortSignal;
  over: Promise<"over">;
}

async function tell(
  notifier: Notifier,
  event: NotificationEvent,
  { signal, over, warn, debug }: Telling,
): Promise<void> {
  try {
    // A way that takes no notice of the signal is left behind.
    const outcome = await Promise.race([notifier.notify(event, signal), over]);
    if (outcome === "over") throw new Error("it did not answer in time");
    debug(`told ${notifier.name}: ${event.title}`);
  } catch (error) {
    warn(`${notifier.name} was not told of "${event.title}": ${(error as Error).message}`);
  }
}

/**
 * Whether this event is news. Drift has one document an environment, which holds the last drift that was told: so it is news again
 * when it has changed, and not each time it is found.
 */
async function claim({ kind, environment, id }: NotificationEvent, store: Delivery["store"]): Promise<boolean> {
  if (kind !== "drift") return (await store.put(`notified/${environment}/${id}.json`, "{}\n", { ifAbsent: true })).ok;
  const key = `notified/${environment}/drift.json`;
  const text = `${JSON.stringify({ id })}\n`;
  const last = await store.get(key);
  if (last !== undefined && Buffer.from(last.body).toString("utf8") === text) return false;
  return (await store.put(key, text, last === undefined ? { ifAbsent: true } : { ifMatch: last.etag })).ok;
}

/** No drift is there any more: the next one is news, even if it is the same. */
export async function forgetDrift(environment: string, store: Delivery["store"]): Promise<void> {
  const key = `notified/${environment}/drift.json`;
  const last = await store.get(key);
  if (last !== undefined) await store.put(key, "{}\n", { ifMatch: last.etag });
}
