import * as pulumi from "@pulumi/pulumi";
import { SlipwayError } from "../automation/errors.ts";

/** Pulumi shows a RunError as its message alone and anything else with a stack trace; people need the message. */
export function forEngine(error: unknown): unknown {
  if (!(error instanceof SlipwayError)) return error;
  const next = error.next === undefined ? "" : `\n${error.next}`;
  return new pulumi.RunError(`${error.message}${next}`);
}
