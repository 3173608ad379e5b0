import { Context, evalExpr } from "mingo/core";
import { Query } from "mingo/query";
import type { JsonPath } from "../../json/document.ts";
import { CannotSimulate, PipelineRefused } from "../errors.ts";
import { valueAt, withoutHoles } from "../values/paths.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { expressionOperators, queryOperators } from "./catalogue.ts";
import { schemaValidator } from "./json-schema.ts";
import { type Scope, truthy } from "./operator.ts";
import { type Preparation, makesHoles, prepareExpression } from "./prepare.ts";
import type { ExpressionRuntime, Meta } from "./runtime.ts";
import { supplied } from "./supplied.ts";

/** An expression that was checked: its value for a document. Undefined where it has none. */
export type Compiled = (doc: Doc, meta: Meta) => unknown;
/** A condition that was checked. */
export type Condition = (doc: Doc, meta: Meta) => boolean;

const notForStreams = new Set(["$where", "$text", "$near", "$nearSphere"]);

/** Compiles expressions and conditions and evaluates them, one document after the other. */
export class Evaluator {
  readonly #runtime: ExpressionRuntime;
  readonly #scope: Scope;
  readonly #options: object;
  readonly #expressions: Compiled[] = [];
  readonly #about: Preparation;

  constructor(runtime: ExpressionRuntime, branches: Preparation["branches"]) {
    this.#runtime = runtime;
    const expression = { ...expressionOperators, ...supplied(runtime) };
    this.#about = { knows: (operator) => Object.hasOwn(expression, operator), branches };
    const query = {
      ...queryOperators,
      // Conditions are copied by mingo; expressions in them are known by their number.
      $expr: (_: string, index: unknown) => (doc: unknown) =>
        truthy(this.#expressions[Number(index)]?.(doc as Doc, this.#runtime.meta)),
    };
    const capture = (_: unknown, __: unknown, scope: Scope) => scope;
    const context = Context.init({ expression: { ...expression, $capture: capture }, query } as never);
    this.#options = { context, jsonSchemaValidator: schemaValidator };
    this.#scope = evalExpr({}, { $capture: 1 }, this.#options as never) as Scope;
  }

  /** @throws CannotSimulate or PipelineRefused */
  expression(expression: unknown, path: JsonPath): Compiled {
    const prepared = prepareExpression(expression, path, this.#about);
    if (typeof prepared === "string" && /^\$[^$]/.test(prepared)) {
      const parts = prepared.slice(1).split(".");
      return (doc) => valueAt(doc, parts);
    }
    if (isConstant(prepared)) return () => prepared;
    const clean = makesHoles(prepared);
    return (doc, meta) => {
      this.#runtime.meta = meta;
      const value: unknown = evalExpr(doc, prepared, this.#scope.update({ root: doc }) as never);
      return clean ? withoutHoles(value) : value;
    };
  }

  /** Evaluates with variables bound. */
  binding<T>(variables: Doc, compute: () => T): T {
    this.#scope.update({ variables });
    return compute();
  }

  /** @throws CannotSimulate or PipelineRefused */
  condition(condition: unknown, path: JsonPath): Condition {
    if (!isDoc(condition)) throw new PipelineRefused("a condition is an object", path);
    const query = this.#query(this.#preparedCondition(condition, path), path);
    return (doc, meta) => {
      this.#runtime.meta = meta;
      return query.test(doc);
    };
  }

  #query(condition: Doc, path: JsonPath): Query<Doc> {
    try {
      return new Query(condition, this.#options);
    } catch (error) {
      if (error instanceof CannotSimulate) throw error;
      throw new PipelineRefused((error as Error).message.replace(/^mingo: /, ""), path);
    }
  }

  #preparedCondition(condition: Doc, path: JsonPath): Doc {
    return Object.fromEntries(
      Object.entries(condition).map(([key, value]) => [key, this.#preparedPart(key, value, [...path, key])]),
    );
  }

  #preparedPart(key: string, value: unknown, path: JsonPath): unknown {
    if (key === "$expr") return this.#expressions.push(this.expression(value, path)) - 1;
    if (notForStreams.has(key)) throw new PipelineRefused(`Atlas Stream Processing has no ${key}`, path);
    if (key.startsWith("$") && key !== "$options" && !Object.hasOwn(queryOperators, key))
      throw new CannotSimulate(`the condition ${key}`, path);
    if (key === "$jsonSchema") return value;
    if (["$and", "$or", "$nor", "$all"].includes(key) && Array.isArray(value))
      return value.map((item, index) =>
        isDoc(item) ? this.#preparedCondition(item, [...path, index]) : (item as unknown),
      );
    const nested = isDoc(value) && (key === "$elemMatch" || Object.keys(value).some((inner) => inner.startsWith("$")));
    return nested ? this.#preparedCondition(value, path) : value;
  }
}

function isConstant(expression: unknown): boolean {
  if (typeof expression === "string") return !expression.startsWith("$");
  return typeof expression !== "object" || expression === null || !(Array.isArray(expression) || isDoc(expression));
}
