import {
  accumulators,
  expressionOperators,
  metaFields,
  metaRoots,
  notInValidate,
  queryOperators,
  systemVariables,
  unsupportedVariables,
  valueKeys,
} from "../catalogue/operators.ts";
import type { Finding } from "../finding.ts";
import { type Rule, type StageUse, type Subject, found, isDocument, member, windowOf } from "./subject.ts";
import { didYouMean } from "./suggest.ts";
import { type Visited, visit } from "./visit.ts";

const known = { expression: expressionOperators, query: queryOperators, accumulators } as const;

const everything: Rule = function* (subject) {
  for (const use of subject.uses)
    for (const visited of visit(use)) {
      if (visited.kind === "operator") yield* checkOperator(subject, use, visited);
      else if (visited.mode === "expression" && visited.name.startsWith("$$"))
        yield* checkVariable(subject, use, visited);
    }
};

function* checkOperator(subject: Subject, use: StageUse, visited: Visited): Generator<Finding> {
  const { name, mode, path, operand } = visited;
  if (mode === "value" || mode === "schema" || valueKeys.has(name)) return;
  if (!known[mode].has(name)) yield unknownOperator(subject, name, known[mode], path);
  else if (use.name === "$validate" && notInValidate.has(name))
    yield found(subject, path, {
      ...{ rule: "expressions/validate", message: `$validate takes no ${name}` },
      ...{ why: "it needs an index, or a script, that a stream has not", fix: "say it with other operators" },
    });
  else if (name === "$meta") yield* checkMeta(subject, use, operand, path);
  else if (name === "$jsonSchema") yield* checkSchema(subject, operand, path);
  else if (
    (name === "$currentDate" || name === "$createUUID") &&
    !(isDocument(operand) && Object.keys(operand).length === 0)
  )
    yield found(subject, path, {
      ...{ rule: "expressions/no-argument", message: `${name} takes nothing` },
      ...{ why: "Atlas refuses the processor when it is created", fix: `write {"${name}": {}}` },
    });
  else if (name === "$function")
    yield found(subject, path, {
      ...{ rule: "expressions/function", severity: "warning", message: "$function runs in workspaces on AWS alone" },
      ...{
        why: "elsewhere the processor cannot be created",
        fix: "say it with other operators where that can be done",
      },
    });
}

/** What comes close to something known is a mistake; what does not may be newer than this list. */
function unknownOperator(subject: Subject, name: string, among: ReadonlySet<string>, path: Visited["path"]): Finding {
  const like = didYouMean(name, among);
  return found(subject, path, {
    rule: "expressions/unknown-operator",
    severity: like === undefined ? "warning" : "error",
    message: `there is no operator ${name} here`,
    why: "Atlas refuses the processor when it is created",
    fix: like === undefined ? "correct its name" : `did you mean ${like}?`,
  });
}

function* checkVariable(subject: Subject, use: StageUse, { name, path, declared }: Visited): Generator<Finding> {
  const variable = /^\$\$([^.]+)/.exec(name)?.[1] ?? "";
  if (systemVariables.has(variable) || declared.has(variable) || declaredByStage(use, variable)) return;
  const instead = Object.hasOwn(unsupportedVariables, variable) ? unsupportedVariables[variable] : undefined;
  if (instead !== undefined) {
    yield found(subject, path, {
      ...{ rule: "expressions/unsupported-variable", message: `streams have no $$${variable}` },
      ...{ why: "there is no query that it could belong to", fix: instead },
    });
    return;
  }
  const like = didYouMean(variable, [...declared, ...systemVariables]);
  yield found(subject, path, {
    ...{ rule: "expressions/undeclared-variable", message: `nothing declares $$${variable}` },
    why: "Atlas refuses the processor when it is created",
    fix: like === undefined ? "declare it with $let, or write $ for a field" : `did you mean $$${like}?`,
  });
}

const declaredByStage = ({ name, operand }: StageUse, variable: string): boolean =>
  (name === "$merge" && variable === "new") || member(operand, "let", variable) !== undefined;

function* checkMeta(subject: Subject, use: StageUse, operand: unknown, path: Visited["path"]): Generator<Finding> {
  const problem = typeof operand === "string" ? metaProblem(subject, use, operand) : undefined;
  if (typeof operand === "string" && problem === undefined) return;
  yield found(subject, path, {
    rule: "expressions/meta",
    message: problem ?? "$meta is not the name of metadata",
    why: "the expression would find nothing",
    fix: `name something below ${metaRoots.join(", ")}`,
  });
}

function metaProblem(subject: Subject, use: StageUse, name: string): string | undefined {
  if (name !== "stream" && !name.startsWith("stream.")) return "metadata of streams begin with stream";
  const [, root = "", field] = /^(stream\.[^.]+)(?:\.([^.]+))?/.exec(name) ?? [];
  const fields = Object.hasOwn(metaFields, root) ? metaFields[root] : undefined;
  if (field !== undefined && fields !== undefined && !fields.includes(field))
    return `${root} has no ${field}, only ${fields.join(", ")}`;
  if (root !== "stream.window") return undefined;
  const window = windowOf(subject);
  if (window === undefined) return "there is no window whose bounds this could be";
  return use.place === "main" && use.index <= window.index ? "the window comes only after this stage" : undefined;
}

const draft4Only = ["$ref", "$schema", "default", "definitions", "format", "id"];
const laterDrafts = ["const", "if", "then", "else", "contains", "propertyNames", "examples", "$defs", "$id"];

/** Schemas are draft 4, as MongoDB reads it. */
function* checkSchema(subject: Subject, schema: unknown, path: Visited["path"]): Generator<Finding> {
  if (!isDocument(schema)) return;
  for (const [key, value] of Object.entries(schema)) {
    const at = [...path, key];
    if (draft4Only.includes(key) || laterDrafts.includes(key)) yield schemaFinding(subject, `no ${key}`, at);
    else if (key === "type" && value === "integer") yield schemaFinding(subject, 'no type "integer"', at);
    else if (["properties", "patternProperties"].includes(key) && isDocument(value))
      for (const [name, inside] of Object.entries(value)) yield* checkSchema(subject, inside, [...at, name]);
    else if (["allOf", "anyOf", "oneOf", "items"].includes(key) && Array.isArray(value))
      for (const [index, inside] of value.entries()) yield* checkSchema(subject, inside, [...at, index]);
    else if (["not", "items", "additionalProperties", "additionalItems"].includes(key))
      yield* checkSchema(subject, value, at);
  }
}

function schemaFinding(subject: Subject, what: string, path: Visited["path"]): Finding {
  return found(subject, path, {
    ...{ rule: "expressions/json-schema", message: `$jsonSchema has ${what}` },
    why: "MongoDB reads schemas of draft 4 without it, and refuses what it does not know",
    fix: what.includes("integer") ? 'write "bsonType": ["int", "long"]' : "say it in another way",
  });
}

export const expressions: readonly Rule[] = [everything];
