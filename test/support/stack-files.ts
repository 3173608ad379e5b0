import { readFileSync } from "node:fs";
import { parse } from "yaml";

export const stackNames = ["operations", "dev", "staging", "prod"] as const;

/** Configuration of a real stack file, in the form in which Pulumi hands it to programs. */
export function stackConfig(stack: string): Record<string, string> {
  const file = new URL(`../../Pulumi.${stack}.yaml`, import.meta.url);
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
