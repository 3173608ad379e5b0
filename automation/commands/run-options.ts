import type { RunLimits } from "../deploy/run-engine.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { text } from "./result.ts";

/** A positive whole number from an option. */
export function count(options: Record<string, unknown>, name: string): number | undefined {
  const value = text(options, name);
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new SlipwayError(ExitCode.usage, `--${spelt(name)}: got "${value}", expected a positive whole number.`);
  return Number(value);
}

/** As it is typed. */
const spelt = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The options `preview`, `up`, `destroy` and `promote` share. */
export function runOptions(options: Record<string, unknown>): RunLimits {
  const timeout = count(options, "timeout");
  const targets = options["target"];
  return {
    ...(Array.isArray(targets) ? { targets: targets.map(String) } : {}),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
  };
}
