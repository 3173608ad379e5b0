import { enableCompileCache } from "node:module";
import { createInterface } from "node:readline/promises";
import { Command, CommanderError } from "commander";
import { verbs, type VerbSpec } from "./commands/index.ts";
import { createContext, type CommonOptions, type Context } from "./context.ts";
import { ExitCode } from "./errors.ts";
import { describeError } from "./report/errors.ts";

/** Two Ctrl-C: the first asks the engine to stop after what is in flight, the second to stop at once. */
function interrupts(): { signal: AbortSignal; terminate: AbortSignal } {
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = (name: string) => {
    if (first.signal.aborted) second.abort(name);
    else first.abort(name);
  };
  process.on("SIGINT", () => onSignal("SIGINT"));
  process.on("SIGTERM", () => onSignal("SIGTERM"));
  return { signal: first.signal, terminate: second.signal };
}

async function confirm(question: string, answer: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await prompt.question(`${question} Type "${answer}" to go on: `)).trim() === answer;
  } finally {
    prompt.close();
  }
}

function contextFor(options: CommonOptions): Context {
  return createContext({
    options,
    environment: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    ...interrupts(),
    confirm: process.stdin.isTTY && process.stderr.isTTY && !process.env["CI"] ? confirm : undefined,
  });
}

async function runVerb(
  verb: VerbSpec,
  args: string[],
  options: CommonOptions & Record<string, unknown>,
): Promise<void> {
  const started = performance.now();
  let exitCode: ExitCode;
  try {
    const context = contextFor(options);
    const result = await (await verb.load()).run(context, args, options);
    exitCode = result.exitCode;
    if (context.json) {
      const head = { version: 1, command: verb.name, exitCode, seconds: round(performance.now() - started) };
      context.console.result(JSON.stringify({ ...head, ...result.json }));
    } else if (result.text !== "") context.console.result(result.text);
  } catch (error) {
    exitCode = reportFailure(error, verb.name, options);
  }
  process.exitCode = exitCode;
}

const round = (milliseconds: number) => Math.round(milliseconds) / 1000;

function reportFailure(error: unknown, command: string, options: CommonOptions): ExitCode {
  const described = describeError(error, { color: process.stderr.isTTY === true && !process.env["NO_COLOR"] });
  process.stderr.write(`${described.text}\n`);
  if (options.json === true)
    process.stdout.write(
      `${JSON.stringify({ version: 1, command, exitCode: described.exitCode, error: described.json })}\n`,
    );
  return described.exitCode;
}

function declare(program: Command, verb: VerbSpec): void {
  const command = program.command(`${verb.name} ${verb.arguments ?? ""}`.trim()).description(verb.summary);
  for (const [flags, description] of verb.options ?? []) command.option(flags, description);
  command
    .option("--sandbox", "use the local cloud in .sandbox (also SLIPWAY_SANDBOX=1)")
    .option("--json", "one JSON object on stdout, logs on stderr")
    .option("--verbose", "say more, including how often the Pulumi CLI was started")
    .action((...given: unknown[]) => {
      const options = command.opts();
      const args = given
        .slice(0, -2)
        .flat()
        .filter((value): value is string => typeof value === "string");
      return runVerb(verb, args, options);
    });
}

async function main(argv: string[]): Promise<void> {
  const program = new Command("slipway")
    .description("Takes an MLOps platform through dev, staging and prod: code is promoted, not models.")
    .helpCommand(false)
    .showHelpAfterError("(slipway <verb> --help shows the options)")
    .exitOverride();
  for (const verb of verbs) declare(program, verb);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  }
}

// Verbs are loaded on demand; from the second start on they come out of Node's compile cache.
enableCompileCache();
await main(process.argv.slice(2));
