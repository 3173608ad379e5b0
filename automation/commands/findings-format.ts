import { ExitCode, SlipwayError } from "../errors.ts";
import { text } from "./result.ts";

const formats = ["text", "json", "sarif"] as const;
export type FindingsFormat = (typeof formats)[number];

/** How findings are to be told. @throws SlipwayError (usage) for a format that there is not */
export function findingsFormat(options: Record<string, unknown>): FindingsFormat {
  const given = text(options, "format") ?? "text";
  const found = formats.find((format) => format === given);
  if (found !== undefined) return found;
  throw new SlipwayError(ExitCode.usage, `There is no format ${JSON.stringify(given)}.`, {
    next: `Use one of: ${formats.join(", ")}.`,
  });
}
