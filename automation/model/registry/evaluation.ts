import { z } from "zod";
import { ValueError } from "../local/values.ts";

/** A house of the test split: what it cost, and what the model says. */
export interface Prediction {
  actual: number;
  predicted: number;
}

/** What is known of a version beside its document. */
export interface Evaluation {
  algorithm?: string;
  hyperparameters: Readonly<Record<string, string | number>>;
  /** SHA-256 of the data as it was read, and its rows. */
  data?: { sha256: string; rows: number };
  predictions: readonly Prediction[];
}

/** Files beside `evaluation.json` that tell more. */
export const evaluationFiles = ["evaluation.json", "model-card.json", "model-card.md", "predictions.csv"] as const;

const metricsSchema = z.object({ metrics: z.record(z.string().min(1), z.object({ value: z.number() })) });

/** The numbers of an `evaluation.json`. @throws ValueError where it has none. */
export function metricsIn(body: Uint8Array | undefined, where: string): Record<string, number> {
  if (body === undefined) throw new ValueError(`there is no evaluation at ${where}`);
  const parsed = metricsSchema.safeParse(jsonOf(body));
  const metrics = Object.entries(parsed.data?.metrics ?? {});
  if (metrics.length === 0)
    throw new ValueError(`${where}: expected {"metrics": {"<name>": {"value": <finite number>}}}`);
  return Object.fromEntries(metrics.map(([name, { value }]) => [name, value]));
}

const cardSchema = z.object({
  algorithm: z.string().optional(),
  hyperparameters: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  data: z.object({ sha256: z.string(), rows: z.int() }).optional(),
});

/** What model card and predictions tell; what is not there, or cannot be read, is left out. */
export function evaluationFrom(card: Uint8Array | undefined, predictions: Uint8Array | undefined): Evaluation {
  const { algorithm, hyperparameters, data } = cardSchema.safeParse(jsonOf(card)).data ?? { hyperparameters: {} };
  return {
    ...(algorithm === undefined ? {} : { algorithm }),
    hyperparameters,
    ...(data === undefined ? {} : { data: { sha256: data.sha256, rows: data.rows } }),
    predictions: predictionsIn(predictions),
  };
}

function predictionsIn(body: Uint8Array | undefined): Prediction[] {
  const [head = "", ...lines] = Buffer.from(body ?? [])
    .toString("utf8")
    .split(/\r?\n/);
  const columns = head.split(",");
  const [actualAt, predictedAt] = [columns.indexOf("actual"), columns.indexOf("predicted")];
  if (actualAt === -1 || predictedAt === -1) return [];
  return lines.flatMap((line) => {
    const cells = line.split(",");
    const [actual, predicted] = [Number(cells[actualAt] || Number.NaN), Number(cells[predictedAt] || Number.NaN)];
    return Number.isFinite(actual) && Number.isFinite(predicted) ? [{ actual, predicted }] : [];
  });
}

function jsonOf(body: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(body ?? []).toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
