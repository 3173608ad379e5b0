import { join } from "node:path";

export interface ShellOptions {
  /** Variables of the sandbox, as `prepareSandbox` returns them. */
  environment: Readonly<Record<string, string>>;
  /** The checkout, whose `node_modules/.bin` holds the pinned Node. */
  root: string;
  /** Directory of the pinned Pulumi CLI. */
  cliDirectory: string;
  /** PATH of the caller. */
  path: string;
}

/** Lines for `eval` in a POSIX shell, after which plain `pulumi` works on the sandbox. */
export function shellLines({ environment, root, cliDirectory, path }: ShellOptions): string {
  const search = [cliDirectory, join(root, "node_modules/.bin"), path].filter((part) => part !== "").join(":");
  const variables = Object.entries({ ...environment, PATH: search });
  return variables.map(([name, value]) => `export ${name}=${posixQuote(value)}\n`).join("");
}

/** One word of a POSIX shell that stands for exactly this text. */
export function posixQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
