import { hasUnknown, unknown } from "../unknown.ts";
import type { Failure, Properties, TypeContext } from "./type-spec.ts";

/** A string input, or undefined when it is absent or not yet known. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A list input, empty when it is absent or not yet known. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A nested object, empty when it is absent or not yet known. */
export function block(value: unknown): Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}

/** `arn:aws:<service>:<region>:<account>:<resource>` in the partition of the region. */
export function arn(context: Scope, service: string, resource: string): string {
  return `arn:${context.partition}:${service}:${context.region}:${context.account}:${resource}`;
}

/** ARN of a service without regions, such as IAM. */
export function globalArn(context: Scope, service: string, resource: string): string {
  return `arn:${context.partition}:${service}::${context.account}:${resource}`;
}

export type Scope = Pick<TypeContext, "account" | "region" | "partition">;

/** DNS suffix of the partition's endpoints. */
export function dnsSuffix(partition: string): string {
  return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}

/** EC2-style id: prefix and 17 hex digits. */
export function ec2Id(prefix: string): (inputs: Properties, context: TypeContext) => string {
  return (_inputs, context) => `${prefix}-0${context.suffix(16)}`;
}

/** Upper-case id as IAM gives out (`AROA…`), derived from the context's hex suffix. */
export function iamUniqueId(prefix: string, context: TypeContext): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const hex = context.suffix(34);
  const letters = Array.from(
    { length: 17 },
    (_, index) => alphabet[parseInt(hex.slice(index * 2, index * 2 + 2), 16) % 32],
  );
  return prefix + letters.join("");
}

/** UUID form of the context's hex suffix. */
export function uuid(context: TypeContext): string {
  const hex = context.suffix(32);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/**
 * `tagsAll` as the AWS provider computes it when it checks inputs: its default tags under the resource's own. One tag that is not yet
 * known makes all of them unknown.
 */
export function tagsAll(inputs: Properties, { defaultTags }: Pick<TypeContext, "defaultTags">): Properties {
  const tags = inputs["tags"];
  const merged = { ...defaultTags, ...block(tags) };
  return { tagsAll: hasUnknown([tags, merged]) ? unknown : merged };
}

/** All checks that found something. */
export function failures(...found: readonly (Failure | undefined | readonly Failure[])[]): Failure[] {
  return found.flat().filter((failure): failure is Failure => failure !== undefined);
}

/** Fails a known string that breaks the pattern. */
export function mustMatch(inputs: Properties, property: string, pattern: RegExp, rule: string): Failure | undefined {
  const value = text(inputs[property]);
  if (value === undefined || pattern.test(value)) return undefined;
  return { property, reason: `"${value}" is not valid for ${property}: ${rule}` };
}

/** Fails a known value outside the list. */
export function oneOf(inputs: Properties, property: string, allowed: readonly unknown[]): Failure | undefined {
  const value = inputs[property];
  if (value === undefined || value === null || typeof value === "symbol" || allowed.includes(value)) return undefined;
  return {
    property,
    reason: `expected ${property} to be one of ${JSON.stringify(allowed)}, got ${JSON.stringify(value)}`,
  };
}

/** Fails a known number outside the bounds, both inclusive. */
export function between(inputs: Properties, property: string, minimum: number, maximum: number): Failure | undefined {
  const value = inputs[property];
  if (typeof value !== "number" || (Number.isInteger(value) && value >= minimum && value <= maximum)) return undefined;
  return { property, reason: `expected ${property} to be a whole number from ${minimum} to ${maximum}, got ${value}` };
}

/** Fails when a required input is missing. */
export function required(inputs: Properties, ...properties: readonly string[]): Failure[] {
  return properties
    .filter((property) => inputs[property] === undefined || inputs[property] === null)
    .map((property) => ({ property, reason: `missing required property '${property}'` }));
}

/** Tags: at most 50, keys up to 128 characters and not in the reserved `aws:` space, values up to 256. */
export function validTags(inputs: Properties): Failure[] {
  const tags = Object.entries(block(inputs["tags"]));
  if (tags.length > 50) return [{ property: "tags", reason: `a resource carries at most 50 tags, got ${tags.length}` }];
  return tags.flatMap(([key, value]) => {
    if (key.length > 128 || /^aws:/i.test(key)) {
      return [
        { property: "tags", reason: `tag key "${key}" must have at most 128 characters and not begin with aws:` },
      ];
    }
    const tooLong = typeof value === "string" && value.length > 256;
    return tooLong ? [{ property: "tags", reason: `value of tag "${key}" must have at most 256 characters` }] : [];
  });
}

/** When the resource was made: updates keep the time of the create. */
export function createdAt(context: TypeContext, type: string): string {
  return context.find(type).find((other) => other.urn === context.urn)?.createdAt ?? context.now();
}
