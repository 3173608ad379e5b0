import type { Context } from "../context.ts";
import { ExitCode } from "../errors.ts";

/** What a command hands back: the same facts twice, for a machine and for a person, and the exit code. */
export interface CommandResult {
  exitCode: ExitCode;
  /** Merged into the one JSON object of `--json`. */
  json: Record<string, unknown>;
  /** Printed on stdout without `--json`. */
  text: string;
}

export const done = (json: Record<string, unknown>, text: string): CommandResult => ({
  exitCode: ExitCode.done,
  json,
  text,
});

/** One verb's module: `run` gets the positional arguments in order and the parsed options. */
export interface CommandModule {
  run(context: Context, args: readonly string[], options: Record<string, unknown>): Promise<CommandResult>;
}

/** A string option, or undefined when it was not given. */
export function text(options: Record<string, unknown>, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A switch. */
export const flag = (options: Record<string, unknown>, name: string): boolean => options[name] === true;
