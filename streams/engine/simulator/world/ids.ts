import { ObjectId, Uuid } from "../values/types.ts";

/** Where identifiers and random numbers come from: the same ones in every run. */
export class Ids {
  readonly #seeded: boolean;
  #state: number;
  #count = 0;

  /** @param seed "seq" counts: identifiers are easy to write into a test. A number gives others, that look like what they are. */
  constructor(seed: "seq" | number = "seq") {
    this.#seeded = seed !== "seq";
    this.#state = seed === "seq" ? 1 : seed >>> 0;
  }

  /** A number from 0 to 1, 1 left out. */
  random(): number {
    // Mulberry32: short, and good enough to shuffle.
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  uuid(): Uuid {
    const digits = this.#digits(32);
    return new Uuid(
      `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`,
    );
  }

  objectId(): ObjectId {
    return new ObjectId(this.#digits(24));
  }

  #digits(length: number): string {
    this.#count += 1;
    if (!this.#seeded) return this.#count.toString(16).padStart(length, "0");
    return Array.from({ length }, () => Math.floor(this.random() * 16).toString(16)).join("");
  }
}
