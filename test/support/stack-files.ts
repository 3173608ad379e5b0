import { readFileSync } from "node:fs";
import { parse } from "yaml";

export const stackNames = ["operations", "dev", "staging", "prod"] as const;

/** What connections of streams name and stack files do not have: the environment of whoever deploys does. */
const fromEnvironment = ["KAFKA_USERNAME", "KAFKA_PASSWORD", "GEOCODER_TOKEN", "NOTIFIER_TOKEN"];

/** Settings of streams with made-up values for what comes from the environment. */
function withVariables(settings: Record<string, unknown>): Record<string, unknown> {
  const made = Object.fromEntries(fromEnvironment.map((name) => [name, `test-${name}`]));
  return { ...settings, variables: { ...made, ...(settings["variables"] as object) } };
}

/** Configuration of a real stack file, in the form in which Pulumi hands it to programs. */
export function stackConfig(stack: string): Record<string, string> {
  const file = new URL(`../../Pulumi.${stack}.yaml`, import.meta.url);
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const streams = config["slipway:streams"] as Record<string, unknown> | undefined;
  if (streams !== undefined) config["slipway:streams"] = withVariables(streams);
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
