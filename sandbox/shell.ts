import { join } from "node:path";

import { sandboxSalt } from "./stack-config.ts";

export interface ShellOptions {
  /** The sandbox's directory. */
  directory: string;
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
export function shellLines({ directory, environment, root, cliDirectory, path }: ShellOptions): string {
  const before = [join(directory, "bin"), cliDirectory, join(root, "node_modules/.bin")];
  const rest = path.split(":").filter((part) => part !== "" && !before.includes(part));
  const variables = { ...environment, SLIPWAY_SANDBOX_CLI: cliDirectory, PATH: [...before, ...rest].join(":") };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${posixQuote(value)}\n`)
    .join("");
}

/** One word of a POSIX shell that stands for exactly this text. */
export function posixQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The `pulumi` that a sandbox shell finds first. It hands everything to the pinned CLI and only tells the operations to
 * read the sandbox's copy of the stack file: `--config-file` has no per-stack environment variable, and without it the
 * CLI writes its secrets provider into the tracked file.
 */
export function pulumiShim(): string {
  return `#!/bin/sh
cli=\${SLIPWAY_SANDBOX_CLI:?run 'eval "$(./slipway sandbox shell)"' first}/pulumi
stack=\${PULUMI_STACK:-} operation= own= previous=
for word in "$@"; do
  case $previous in -s | --stack) stack=$word ;; esac
  case $word in
    --stack=*) stack=\${word#--stack=} ;;
    --config-file | --config-file=*) own=yes ;;
    up | update | preview | pre | destroy | down | dn | refresh | import | watch) operation=$word ;;
  esac
  previous=$word
done
if [ -z "$operation" ] || [ -n "$own" ]; then exec "$cli" "$@"; fi
root=$PWD
while [ ! -f "$root/Pulumi.yaml" ] && [ "$root" != / ]; do root=$(dirname "$root"); done
if [ -z "$stack" ]; then stack=$("$cli" stack --show-name 2>/dev/null); fi
if [ -z "$stack" ]; then exec "$cli" "$@"; fi
folder=$SLIPWAY_SANDBOX_DIR/config
file=Pulumi.\${stack##*/}.yaml
mkdir -p "$folder" || exit 1
{
  if [ -f "$root/$file" ]; then grep -vE '^(encryptionsalt|secretsprovider|encryptedkey):' "$root/$file"; fi
  printf '\\nencryptionsalt: %s\\n' '${sandboxSalt}'
} > "$folder/$file.$$" && mv "$folder/$file.$$" "$folder/$file" || exit 1
PULUMI_OPTION_CONFIG_FILE=$folder/$file exec "$cli" "$@"
`;
}
