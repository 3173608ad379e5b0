import * as pulumi from "@pulumi/pulumi";
import { type Settings, parseSettings, structuredKeys } from "./schema.ts";

const prefix = "slipway:";

/** Structured values come as JSON; text that is not JSON goes on as it is, so that the schema names the key. */
function decode(key: string, value: string): unknown {
  if (!structuredKeys.includes(key)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Raw configuration of the project's own keys, from the flat map that Pulumi keeps. */
export function rawSettings(all: Readonly<Record<string, string>>): Record<string, unknown> {
  const own = Object.entries(all).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(
    own.map(([key, value]) => [key.slice(prefix.length), decode(key.slice(prefix.length), value)]),
  );
}

/**
 * Settings of the current stack. The only reader of Pulumi's configuration: it takes every key, because a key that
 * nobody asks for would otherwise pass unseen.
 * @throws SlipwayError (usage)
 */
export function loadSettings(): Settings {
  return parseSettings(rawSettings(pulumi.runtime.allConfig()), `Pulumi.${pulumi.getStack()}.yaml`);
}
