import { readSettings } from "../stack-settings.ts";

/**
 * Variables of the stack file; undefined where the stack has no stream processing. Those that Pulumi encrypts are left out: only the engine
 * decrypts them, so that here they have to come from the environment.
 */
export async function streamVariables(
  root: string,
  stack: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const settings = await readSettings(root, stack);
  const variables = "streams" in settings ? settings.streams?.variables : undefined;
  if (variables === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(variables).filter((one): one is [string, string] => typeof one[1] === "string"),
  );
}
