import pc from "picocolors";
import { ExitCode, SlipwayError } from "../errors.ts";

export interface DescribedError {
  exitCode: ExitCode;
  /** For a person: what, where, what was already changed, what to type next. */
  text: string;
  json: { code: ExitCode; message: string; where?: string; changed?: string; next?: string };
}

/** A SlipwayError is for the user and shows no stack; anything else is a defect and shows all of it. */
export function describeError(error: unknown, options: { color: boolean }): DescribedError {
  const colors = pc.createColors(options.color);
  if (!(error instanceof SlipwayError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const next = "This is a defect of Slipway. Please report it with the lines above.";
    return {
      exitCode: ExitCode.unexpected,
      text: `${colors.red("error:")} ${text}\n  next:    ${next}`,
      json: { code: ExitCode.unexpected, message: error instanceof Error ? error.message : String(error), next },
    };
  }
  const facts = {
    ...(error.where === undefined ? {} : { where: error.where }),
    changed: error.changed ?? "nothing",
    ...(error.next === undefined ? {} : { next: error.next }),
  };
  const lines = [`${colors.red("error:")} ${error.message}`];
  for (const [name, value] of Object.entries(facts)) lines.push(`  ${`${name}:`.padEnd(9)}${value}`);
  return { exitCode: error.code, text: lines.join("\n"), json: { code: error.code, message: error.message, ...facts } };
}
