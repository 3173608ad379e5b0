import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ExitCode, SlipwayError } from "./errors.ts";
import { createConsole, type Console } from "./report/console.ts";

/** Options every verb takes. */
export interface CommonOptions {
  sandbox?: boolean;
  json?: boolean;
  verbose?: boolean;
}

/** What every command is given. Nothing below `commands/` reads `process` itself. */
export interface Context {
  /** The checkout: the folder that holds Pulumi.yaml. */
  root: string;
  environment: Readonly<Record<string, string | undefined>>;
  sandbox: boolean;
  json: boolean;
  verbose: boolean;
  console: Console;
  now(): Date;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** Aborted by the second one: the engine is told to stop without waiting for what is in flight. */
  terminate: AbortSignal;
  /** Asks a person; `undefined` where nobody can answer. */
  confirm?: (question: string, answer: string) => Promise<boolean>;
}

/** Walks up from a folder to the one that holds Pulumi.yaml. */
export function findRoot(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new SlipwayError(ExitCode.usage, "No Pulumi.yaml here or in any folder above.", {
    where: from,
    next: "Run slipway inside a checkout of the project.",
  });
}

export interface ContextInputs {
  options: CommonOptions;
  environment: Readonly<Record<string, string | undefined>>;
  cwd: string;
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  signal: AbortSignal;
  terminate: AbortSignal;
  confirm?: Context["confirm"];
}

const truthy = (value: string | undefined) => value !== undefined && value !== "" && value !== "0" && value !== "false";

export function createContext(inputs: ContextInputs): Context {
  const { options, environment, stdout, stderr } = inputs;
  const json = options.json === true;
  const verbose = options.verbose === true;
  return {
    root: findRoot(inputs.cwd),
    environment,
    sandbox: options.sandbox === true || truthy(environment["SLIPWAY_SANDBOX"]),
    json,
    verbose,
    console: createConsole({ json, verbose, stdout, stderr, environment }),
    now: () => new Date(),
    signal: inputs.signal,
    terminate: inputs.terminate,
    ...(inputs.confirm === undefined ? {} : { confirm: inputs.confirm }),
  };
}
