import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { CommandModule, CommandResult } from "./result.ts";

/** The actions of a verb by name, each loaded only when it runs. */
export type Actions = Readonly<Record<string, () => Promise<CommandModule["run"]>>>;

/** A verb whose first argument names an action, which gets the others. */
export function verbOf(actions: Actions): CommandModule["run"] {
  return async (context: Context, args, options): Promise<CommandResult> => {
    const [name = "", ...rest] = args;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined)
      throw new SlipwayError(ExitCode.usage, `There is no action "${name}".`, {
        next: `Use one of: ${Object.keys(actions).join(", ")}.`,
      });
    return (await action())(context, rest, options);
  };
}
