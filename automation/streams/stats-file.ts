import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Prices } from "../../streams/engine/catalogue/prices.ts";
import { pricesSchema, shippedPrices } from "../../streams/engine/catalogue/prices.ts";
import type { Sample } from "../../streams/engine/advise/measured.ts";
import { ExitCode, SlipwayError } from "../errors.ts";

const figures = z.looseObject({
  memoryUsageBytes: z.number().nonnegative().optional(),
  stateSize: z.number().nonnegative().optional(),
  addedParallelism: z.number().nonnegative().optional(),
});
/** A processor as the Admin API shows it holds its figures under `stats`. */
const sample = z.union([z.looseObject({ stats: figures }).transform(({ stats }) => stats), figures]);
const statsSchema = z.record(z.string(), z.union([z.array(sample), sample.transform((one) => [one])]));

/** Reads figures of what runs: `{"<processor>": [sample, ...]}`, a sample being `stats` of the Admin API. */
export async function readStats(path: string): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const read = await readJsonFile(
    path,
    statsSchema,
    "the figures of processors",
    '{"<processor>": [{"memoryUsageBytes": 0}]}',
  );
  return new Map(Object.entries(read));
}

/** Prices out of a file in place of those that are shipped. */
export async function readPrices(path: string | undefined): Promise<Prices> {
  if (path === undefined) return shippedPrices;
  return readJsonFile(path, pricesSchema, "the prices", "the form of streams/engine/catalogue/prices.json");
}

async function readJsonFile<T>(path: string, schema: z.ZodType<T>, what: string, form: string): Promise<T> {
  const fail = (problem: string, cause?: unknown) =>
    new SlipwayError(ExitCode.usage, `${problem}.`, { where: path, next: `Write ${what} as ${form}.`, cause });
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw fail("The file cannot be read", cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail("The file is not JSON", cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail(`The file does not hold ${what}: ${issue?.path.map(String).join(".") ?? ""}: ${issue?.message ?? ""}`);
}
