import { stripVTControlCharacters } from "node:util";
import type { GateDecision } from "../promotion/gates.ts";
import type { Console } from "./console.ts";

/** One line a gate, with what to type where it refuses. */
export function gateLines({ colors }: Console, decisions: readonly GateDecision[]): string[] {
  const marks = {
    pass: colors.green("pass    "),
    refuse: colors.red("refuse  "),
    overridden: colors.yellow("override"),
  };
  return decisions.map(({ gate, verdict, reason, next }) => {
    const step = next === undefined ? "" : colors.dim(` -> ${plain(next)}`);
    return `  ${marks[verdict]} ${gate}: ${plain(reason)}${step}`;
  });
}

/** Reasons quote what people wrote; no text of theirs moves the cursor or starts a line of its own. */
const plain = (text: string) => stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
