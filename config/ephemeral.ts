import { parseDocument } from "yaml";
import { z } from "zod";
import { parseWith, problemsError } from "./problems.ts";
import { durationMs } from "./promotion-schema.ts";
import { text } from "./rules.ts";

const timeRule = "a duration from 1h to 30d, e.g. 48h";
const hour = 3_600_000;

const schema = z.strictObject({
  template: text(/^[a-z][a-z0-9-]{0,38}$/, "the name of the environment whose stack file they are made from"),
  timeToLive: z
    .string({ error: timeRule })
    .transform((value) => durationMs(value) ?? 0)
    .refine((value) => value >= hour && value <= 720 * hour, { error: timeRule }),
  accounts: z
    .array(text(/^\d{12}$/, 'an AWS account id: 12 digits in quotes, e.g. "555555555555"'), {
      error: "a list of account ids, [] for none",
    })
    .refine((all) => new Set(all).size === all.length, { error: "each account once" }),
  role: text(/^[\w+=,.@-]{1,64}$/, "the name of a role in each of the accounts").optional(),
});

/** How stacks of pull requests are made. */
export interface EphemeralSettings {
  template: string;
  /** Milliseconds. */
  timeToLive: number;
  /** One stack at a time each. */
  accounts: string[];
  role?: string | undefined;
}

/**
 * Settings from their YAML text.
 * @throws SlipwayError (usage) that lists every problem
 */
export function parseEphemeral(yamlText: string, file = "config/ephemeral.yaml"): EphemeralSettings {
  const document = parseDocument(yamlText);
  if (document.errors.length > 0)
    throw problemsError(
      file,
      document.errors.map(({ message }) => message.split("\n")[0] ?? "not YAML"),
    );
  return parseWith(schema, document.toJS(), { file });
}
