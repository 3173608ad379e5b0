import AjvDraft04 from "ajv-draft-04";
import { CannotSimulate, PipelineRefused } from "../errors.ts";
import { type Doc, hasType, isDoc } from "../values/types.ts";

/** Keywords of draft 4 that MongoDB leaves out. */
const leftOut = new Set(["$ref", "$schema", "default", "definitions", "format", "id"]);
/** Names that JSON Schema has for types of BSON. */
const jsonTypes: Readonly<Record<string, string>> = { boolean: "bool" };

const ajv = new AjvDraft04.default({ strict: false, validateSchema: false, allErrors: false });
ajv.addKeyword({
  keyword: "bsonType",
  compile: (types: string | readonly string[]) => {
    const names = Array.isArray(types) ? (types as string[]) : [types as string];
    return (value: unknown) => names.some((name) => hasType(value, name));
  },
});

/** `$jsonSchema` as MongoDB has it: draft 4 with the types of BSON. */
export function schemaValidator(schema: unknown): (doc: unknown) => boolean {
  try {
    const validate = ajv.compile(translated(schema) as object);
    return (doc) => validate(doc) === true;
  } catch (error) {
    if (error instanceof CannotSimulate || error instanceof PipelineRefused) throw error;
    throw new PipelineRefused(`$jsonSchema: ${(error as Error).message}`);
  }
}

/** Where a value is a schema again, a list of them, or one for each name. */
const single = new Set(["additionalItems", "additionalProperties", "not"]);
const several = new Set(["allOf", "anyOf", "oneOf"]);
const byName = new Set(["properties", "patternProperties", "dependencies"]);

function translated(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(translated);
  if (!isDoc(schema)) return schema;
  return Object.fromEntries(Object.entries(schema).map(translatedKeyword));
}

function translatedKeyword([keyword, value]: [string, unknown]): [string, unknown] {
  if (leftOut.has(keyword)) throw new PipelineRefused(`$jsonSchema keyword '${keyword}' is not supported by MongoDB`);
  if (keyword === "type") return ["bsonType", typesOf(value)];
  if (single.has(keyword) || several.has(keyword) || keyword === "items") return [keyword, translated(value)];
  if (!byName.has(keyword)) return [keyword, value];
  return [keyword, Object.fromEntries(Object.entries(value as Doc).map(([name, inner]) => [name, translated(inner)]))];
}

function typesOf(value: unknown): string[] {
  const names = (Array.isArray(value) ? value : [value]) as string[];
  if (names.includes("integer"))
    throw new PipelineRefused("$jsonSchema type 'integer' is not supported by MongoDB: use bsonType int or long");
  return names.map((name) => jsonTypes[name] ?? name);
}
