import { PipelineRefused } from "../errors.ts";
import { bsonSize } from "../values/size.ts";
import { type StageMaker, fieldsOf } from "./stage.ts";

/** What may pass now, regained continuously up to a burst. */
class Limit {
  readonly perSecond: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  constructor(perSecond: number, burstSeconds: number, now: number) {
    this.perSecond = perSecond;
    this.#burst = perSecond * burstSeconds;
    this.#left = this.#burst;
    this.#at = now;
  }

  /** Milliseconds until so much may pass. */
  wait(amount: number, now: number): number {
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) * this.perSecond) / 1000);
    this.#at = now;
    return amount <= this.#left ? 0 : Math.ceil(((amount - this.#left) * 1000) / this.perSecond);
  }

  take(amount: number): void {
    this.#left -= amount;
  }
}

/** `$throttle`: documents wait until every limit has room for them; processing time goes on meanwhile. */
export const throttle: StageMaker = (argument, path, { world, constants, waited }) => {
  const given = fieldsOf("$throttle", argument, path, ["bytesPerSec", "messagesPerSec"]);
  if (Object.keys(given).length === 0)
    throw new PipelineRefused("$throttle requires at least one of 'bytesPerSec' or 'messagesPerSec'", path);
  for (const [name, value] of Object.entries(given))
    if (typeof value !== "number" || !Number.isInteger(value) || value <= 0)
      throw new PipelineRefused(`${name} is a positive whole number`, [...path, name]);
  const limits = Object.entries(given).map(([name, rate]) => {
    const limit = new Limit(rate as number, constants.throttleBurstSeconds, world.now);
    return { limit, sized: name === "bytesPerSec" };
  });
  /** A document above the limit passes at once, and the next waits for a second. */
  let notBefore = -Infinity;
  return (envelope) => {
    const size = limits.some(({ sized }) => sized) ? bsonSize(envelope.doc) : 0;
    const tooLarge = limits.some(({ limit, sized }) => sized && size > limit.perSecond);
    const amounts = limits.map(({ limit, sized }) => ({ limit, amount: sized ? (tooLarge ? 0 : size) : 1 }));
    const waits = amounts.map(({ limit, amount }) => limit.wait(amount, world.now));
    const wait = Math.max(0, notBefore - world.now, ...waits);
    if (wait > 0) {
      world.now += wait;
      waited(wait);
    }
    for (const { limit, amount } of amounts) {
      limit.wait(amount, world.now);
      limit.take(amount);
    }
    if (tooLarge) notBefore = world.now + 1000;
    return envelope;
  };
};
