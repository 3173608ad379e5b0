import type { Properties } from "../types/type-spec.ts";
import { AwsError } from "./protocol.ts";

/** Reads members of a request; what is missing or wrong is told as SageMaker tells it. */
export interface Rule {
  pattern: RegExp;
  /** The rule in words. */
  words: string;
}

/** Names of SageMaker: of models, endpoints, packages and the like. */
export const resourceName: Rule = {
  pattern: /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/,
  words: "1 to 63 letters, digits and hyphens, a hyphen neither first nor last",
};

/** A text that has to be there. @throws AwsError ValidationException that names the member, its value and the rule. */
export function requiredText(input: Properties, member: string, rule?: Rule): string {
  const value = input[member];
  if (value === undefined || value === null) throw invalid(member, value, "Member must not be null");
  if (typeof value !== "string") throw invalid(member, value, "Member must be a string");
  if (rule !== undefined && !rule.pattern.test(value)) throw invalid(member, value, `Member must have ${rule.words}`);
  return value;
}

/** A text that may be there. */
export function optionalText(input: Properties, member: string, rule?: Rule): string | undefined {
  return input[member] === undefined || input[member] === null ? undefined : requiredText(input, member, rule);
}

/** One of a few words, where it is given. */
export function optionalWord<W extends string>(input: Properties, member: string, words: readonly W[]): W | undefined {
  const value = optionalText(input, member);
  if (value === undefined) return undefined;
  const word = words.find((each) => each === value);
  if (word === undefined) throw invalid(member, value, `Member must satisfy enum value set: [${words.join(", ")}]`);
  return word;
}

/** A whole number within bounds, where it is given. */
export function optionalNumber(input: Properties, member: string, from: number, to: number): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= from && value <= to) return value;
  throw invalid(member, value, `Member must be a whole number from ${from} to ${to}`);
}

/** A ValidationException about one member. */
export function invalid(member: string, value: unknown, rule: string): AwsError {
  const shown = typeof value === "string" ? value : (JSON.stringify(value) ?? "null");
  const message = `1 validation error detected: Value '${shown.slice(0, 200)}' at '${member}' failed to satisfy constraint: ${rule}`;
  return new AwsError("ValidationException", message);
}

/** One page of a list, and the token of the next one: the number of those that were told. */
export function pageOf<T>(
  all: readonly T[],
  input: Properties,
  { size = "MaxResults", token = "NextToken", most = 100, usual = 10 } = {},
): { page: T[]; next?: string } {
  const count = optionalNumber(input, size, 1, most) ?? usual;
  const given = optionalText(input, token);
  const from = given === undefined ? 0 : Number(given);
  if (!Number.isInteger(from) || from < 0) throw invalid(token, given, "Member must be a token of an earlier answer");
  const page = all.slice(from, from + count);
  return from + count < all.length ? { page, next: String(from + count) } : { page };
}
