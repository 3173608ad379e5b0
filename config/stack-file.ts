import { parseDocument } from "yaml";
import { problemsError } from "./problems.ts";
import { parseSettings, type Settings } from "./schema.ts";

const prefix = "slipway:";

/**
 * Settings as a stack file says them, without Pulumi: the driver finds a mistake here before it starts an engine, and
 * with the same words as the program.
 * @throws SlipwayError (usage) that lists every problem.
 */
export function parseStackFile(text: string, file: string): Settings {
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw problemsError(
      file,
      document.errors.map(({ message }) => message.split("\n")[0] ?? "not YAML"),
    );
  const content = document.toJS() as { config?: Record<string, unknown> } | null;
  const own = Object.entries(content?.config ?? {}).filter(([key]) => key.startsWith(prefix));
  return parseSettings(Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])), file);
}
