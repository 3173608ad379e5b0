import { z } from "zod";

const judgement = z.strictObject({
  verdict: z.enum(["better", "same", "worse", "inconclusive"]),
  reasons: z.array(z.string()),
});

/** What `streams blue-green`, `streams canary` and `streams rollback` promise. */
export const handoverOutputs: readonly z.core.$ZodLooseShape[] = [
  {
    action: z.enum(["blue-green", "canary", "rollback"]),
    environment: z.string(),
    projectId: z.string(),
    workspace: z.string(),
    simulated: z.boolean(),
    processors: z.array(
      z.strictObject({
        processor: z.string(),
        from: z.string().nullable(),
        to: z.string(),
        outcome: z.enum(["none", "handed-over"]),
        seconds: z.number().nonnegative(),
        judgement: judgement.nullable(),
        position: z.string().nullable(),
      }),
    ),
  },
];
