import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { CommandModule, CommandResult } from "./result.ts";

type Action = CommandModule["run"];

/** Each action is loaded only when it runs. */
const actions: Readonly<Record<string, () => Promise<Action>>> = {
  advise: async () => (await import("./streams-advise.ts")).advise,
  diff: async () => (await import("./streams-diff.ts")).diff,
  lint: async () => (await import("./streams-lint.ts")).lint,
  test: async () => (await import("./streams-test.ts")).test,
};

/** `streams <action> …`: stream processors, from their files to what runs in Atlas. */
export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const [name = "", ...rest] = args;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined)
    throw new SlipwayError(ExitCode.usage, `There is no action "${name}".`, {
      next: `Use one of: ${Object.keys(actions).join(", ")}.`,
    });
  return (await action())(context, rest, options);
}
