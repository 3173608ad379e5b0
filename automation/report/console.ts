import pc from "picocolors";

/** Where a command's words go: results to stdout, everything on the way there to stderr. */
export interface Console {
  /** True when stderr is a terminal a person watches, so lines may be redrawn. */
  readonly interactive: boolean;
  readonly colors: ReturnType<typeof pc.createColors>;
  /** The result of the command; in `--json` mode nothing but the one JSON object comes here. */
  result(text: string): void;
  /** A line on the way: progress, notes. Silent in `--quiet`. */
  info(line: string): void;
  warn(line: string): void;
  /** Only with `--verbose`. */
  debug(line: string): void;
}

export interface ConsoleOptions {
  json: boolean;
  verbose: boolean;
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  environment: Readonly<Record<string, string | undefined>>;
}

/** Colours only for a person at a terminal who has not said `NO_COLOR` (https://no-color.org). */
export function wantsColor(stream: { isTTY?: boolean }, environment: ConsoleOptions["environment"]): boolean {
  if (environment["NO_COLOR"]) return false;
  if (environment["FORCE_COLOR"] && environment["FORCE_COLOR"] !== "0") return true;
  return stream.isTTY === true && environment["TERM"] !== "dumb";
}

export function createConsole(options: ConsoleOptions): Console {
  const { stdout, stderr, environment } = options;
  const interactive = stderr.isTTY === true && environment["TERM"] !== "dumb" && !environment["CI"];
  const colors = pc.createColors(wantsColor(options.json ? stderr : stdout, environment));
  const say = (line: string) => void stderr.write(`${line}\n`);
  return {
    interactive,
    colors,
    result: (text) => void stdout.write(text.endsWith("\n") ? text : `${text}\n`),
    info: say,
    warn: (line) => say(`${colors.yellow("warning:")} ${line}`),
    debug: (line) => {
      if (options.verbose) say(colors.dim(line));
    },
  };
}
