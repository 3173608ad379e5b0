import * as pulumi from "@pulumi/pulumi";
import { staticKeys } from "./github-schema.ts";
import { problemsError } from "./problems.ts";
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
 * Long-lived credentials have no place in a stack file, in whatever key: workflows take roles on by the tokens that GitHub gives them.
 * @throws SlipwayError (usage) that names the keys and not what is in them.
 */
export function refuseStaticKeys(all: Readonly<Record<string, string>>, file: string): void {
  const keys = staticKeys(all);
  if (keys.length === 0) return;
  throw problemsError(
    file,
    keys.map((key) => `${key}: a static key, expected none. Remove it and revoke it; roles are taken on by OIDC.`),
  );
}

/**
 * Settings of the current stack. The only reader of Pulumi's configuration: it takes every key, because a key that
 * nobody asks for would otherwise pass unseen.
 * @throws SlipwayError (usage)
 */
export function loadSettings(): Settings {
  const all = pulumi.runtime.allConfig();
  const file = `Pulumi.${pulumi.getStack()}.yaml`;
  refuseStaticKeys(all, file);
  return parseSettings(rawSettings(all), file);
}
