import type { Problem } from "./model.ts";
import type { Finding } from "./evaluate.ts";

/** What the engine shows of a finding: it has one text for all of it. */
export const messageOf = ({ property, message, fix }: Pick<Finding, "property" | "message" | "fix">): string =>
  `${property}: ${message}. To do: ${fix}.`;

/** The finding's own part of such a text; a text in any other form is a message about the resource. */
export function problemOf(text: string): Problem {
  // The SDK puts a rule's description in front.
  const line = text.split("\n").find((each) => each.includes(". To do: ")) ?? text;
  const [said = line] = line.split(". To do: ");
  const at = said.indexOf(": ");
  return at < 0 ? { property: "", message: said } : { property: said.slice(0, at), message: said.slice(at + 2) };
}
