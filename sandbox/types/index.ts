import { kmsTypes } from "./aws/kms.ts";
import { s3Types } from "./aws/s3.ts";
import type { Invoke, TypeSpec } from "./type-spec.ts";

export type { CloudResource, Failure, Invoke, InvokeContext, Properties, TypeContext, TypeSpec } from "./type-spec.ts";
export { valueAt, withValueAt } from "./path.ts";

const specs: readonly TypeSpec[] = [...s3Types, ...kmsTypes];
const byType: ReadonlyMap<string, TypeSpec> = new Map(specs.map((spec) => [spec.type, spec]));

/** How a type behaves, or undefined for a type that is only echoed. */
export function typeSpec(token: string): TypeSpec | undefined {
  return byType.get(token);
}

/** Every type with a table of its own. */
export function allTypeSpecs(): readonly TypeSpec[] {
  return specs;
}

/** Data sources by token. */
export const invokes: Readonly<Record<string, Invoke>> = {};
