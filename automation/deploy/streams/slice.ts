import { type StageText, stageOf } from "./pipeline.ts";

/** Parts into which the keys of documents fall. */
const parts = 100;
const factor = 31;
/** Bounds what is multiplied, so that numbers stay exact. */
const modulus = 1_000_003;
const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/@ ";

/** What tells documents of a source apart: the same document always falls into the same part. */
const keys: Readonly<Record<string, unknown>> = {
  // Messages without a key are told apart by their place.
  kafka: { $ifNull: [{ $meta: "stream.source.key" }, { $meta: "stream.source.offset" }] },
  "change-stream": { $ifNull: ["$documentKey._id", "$_id"] },
  kinesis: { $meta: "stream.source.partitionKey" },
  other: "$_id",
};

/**
 * Pure: a stage that lets a share of the documents through, by a hash of their key. Written with operators that every version of Atlas
 * knows: text by text, each character by its place in an alphabet.
 */
export function sliceStage(kind: keyof typeof keys, percent: number): StageText {
  const key = keys[kind];
  // A key that is no text and no number, such as a document, is not taken apart: all of its documents come through.
  const text = { $convert: { input: key, to: "string", onError: "", onNull: "" } };
  return stageOf("$match", { $expr: { $lt: [{ $mod: [hashOf(text), parts] }, percent] } });
}

const hashOf = (text: unknown): unknown => ({
  $let: {
    vars: { key: text },
    in: {
      $reduce: {
        input: { $range: [0, { $strLenCP: "$$key" }] },
        initialValue: 7,
        in: {
          $mod: [
            {
              $add: [
                { $multiply: ["$$value", factor] },
                { $add: [{ $indexOfCP: [alphabet, { $substrCP: ["$$key", "$$this", 1] }] }, 2] },
              ],
            },
            modulus,
          ],
        },
      },
    },
  },
});
