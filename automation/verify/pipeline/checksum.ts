import { createHash } from "node:crypto";

/** Separates the fields of a row's text. */
const SEPARATOR = "\u001f";
const NULL = "\\N";
const MODULUS = 2n ** 64n;

/**
 * The checksum of a table, which the pipeline's report makes in the same way: of each row's text (fields in the order of the
 * schema) the first eight bytes of its SHA-256, summed modulo 2^64. The order of the rows does not matter.
 */
export class TableChecksum {
  rows = 0;
  #sum = 0n;

  /** @param fields Canonical texts of one row; null for a missing value. */
  add(fields: readonly (string | null)[]): void {
    const text = fields.map((field) => field ?? NULL).join(SEPARATOR);
    this.#sum += createHash("sha256").update(text, "utf8").digest().readBigUInt64BE(0);
    this.rows += 1;
  }

  /** 16 hex digits. */
  get hex(): string {
    return (this.#sum % MODULUS).toString(16).padStart(16, "0");
  }
}

/** A whole number of units of 10^-scale as text with exactly `scale` digits after the point: (1230n, 2) is `12.30`. */
export function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? "-" : "";
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  if (scale === 0) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Two's complement, most significant byte first. */
export function signedOf(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const unsigned = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  return BigInt.asIntN(bytes.length * 8, unsigned);
}
