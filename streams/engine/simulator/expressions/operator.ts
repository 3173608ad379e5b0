import { evalExpr } from "mingo/core";
import type { Doc } from "../values/types.ts";

/** What mingo hands through an expression: the document it is about and the variables that are bound. */
export interface Scope {
  readonly local: { readonly root?: unknown; readonly variables?: Doc };
  update(locals: { root?: unknown; variables?: Doc }): Scope;
}

/** An operator of an expression: the object it is evaluated against, its argument as written, and the scope. */
export type Operator = (object: unknown, argument: unknown, scope: Scope) => unknown;
export type Operators = Readonly<Record<`$${string}`, Operator>>;

/** Evaluates a part of an expression. */
export const evaluate = (object: unknown, expression: unknown, scope: Scope): unknown =>
  evalExpr(object, expression, scope as never);

/** An operator of one value. */
export const unary =
  (compute: (value: unknown) => unknown): Operator =>
  (object, argument, scope) =>
    compute(evaluate(object, argument, scope));

/** An operator whose arguments have names. */
export const named =
  (compute: (given: Doc) => unknown): Operator =>
  (object, argument, scope) =>
    compute(evaluate(object, argument, scope) as Doc);

/** An operator of a list of values; one value alone is a list of one. */
export const listed =
  (compute: (values: readonly unknown[]) => unknown): Operator =>
  (object, argument, scope) =>
    compute(
      Array.isArray(argument) ? (evaluate(object, argument, scope) as unknown[]) : [evaluate(object, argument, scope)],
    );

export const isNil = (value: unknown): value is null | undefined => value === null || value === undefined;

/** What counts as true in a condition. */
export const truthy = (value: unknown): boolean =>
  value !== false && value !== 0 && value !== null && value !== undefined;
