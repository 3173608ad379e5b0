import type { GateDecision } from "../promotion/gates.ts";
import type { Console } from "./console.ts";

/** One line a gate, with what to type where it refuses. */
export function gateLines({ colors }: Console, decisions: readonly GateDecision[]): string[] {
  return decisions.map(({ gate, verdict, reason, next }) => {
    const mark = verdict === "pass" ? colors.green("pass  ") : colors.red("refuse");
    return `  ${mark} ${gate}: ${reason}${next === undefined ? "" : colors.dim(` -> ${next}`)}`;
  });
}
