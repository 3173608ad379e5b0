import { appendFile } from "node:fs/promises";
import { ExitCode, SlipwayError } from "../errors.ts";

/** What later jobs of a workflow read: a text as it is, anything else as JSON. */
export type Outputs = Readonly<Record<string, string | boolean | readonly string[]>>;

const asText = (value: Outputs[string]): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Lines of a file of a workflow's runner. @throws SlipwayError for a value of several lines, which could write another name */
export function outputLines(outputs: Outputs): string {
  return Object.entries(outputs)
    .map(([name, value]) => {
      const text = asText(value);
      if (!/[\r\n]/u.test(text)) return `${name}=${text}\n`;
      throw new SlipwayError(ExitCode.usage, `${name}: got a text of several lines, expected one line.`);
    })
    .join("");
}

/** Hands outputs to the runner; outside of a workflow there is nobody to hand them to. */
export async function handOut(file: string | undefined, outputs: Outputs): Promise<void> {
  if (file) await appendFile(file, outputLines(outputs));
}
