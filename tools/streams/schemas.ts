import { format } from "prettier";
import { z } from "zod";
import { anyEmit, anySource } from "../../streams/engine/catalogue/connections.ts";
import { type DocumentShape, type Kind, type Shape, durationUnits } from "../../streams/engine/catalogue/shapes.ts";
import { type Place, stages } from "../../streams/engine/catalogue/stages.ts";
import {
  connectionSchema,
  consentSchema,
  policySchema,
  processorSchema,
  thresholdsSchema,
} from "../../streams/engine/files/documents.ts";
import { testFileSchema } from "../../streams/engine/testing/format.ts";

type Json = Record<string, unknown>;

/** Where editors find the form of each kind of file, by path from the root of the checkout. */
export async function editorSchemas(): Promise<Record<string, string>> {
  const connection = plain(connectionSchema);
  const schemas: Record<string, Json> = {
    processor: processorForm(),
    connections: {
      title: "Connections of stream processors: a list, or one alone.",
      anyOf: [
        { type: "object", properties: { connections: list(connection) }, required: ["connections"] },
        list(connection),
        connection,
      ],
    },
    thresholds: { title: "What a processor may need at the most, and do at the least.", ...plain(thresholdsSchema) },
    policy: { title: "How one processor is run.", ...plain(policySchema) },
    test: {
      title: "Tests of one stream processor, as docs/streams-simulator.md describes them.",
      ...plain(testFileSchema),
    },
    consent: { title: "Somebody agreed to lose state by exactly one change.", ...plain(consentSchema) },
  };
  const texts = Object.entries(schemas).map(async ([name, schema]) => {
    const text = JSON.stringify({ $schema: "http://json-schema.org/draft-07/schema#", ...schema });
    return [`streams/schemas/${name}.schema.json`, await format(text, { parser: "json", printWidth: 120 })] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** What zod says of a schema, without the name of its dialect. */
function plain(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return rest;
}

const list = (items: unknown): Json => ({ type: "array", items });

/** A processor's file: the stages of the catalogue in place of "any object". */
function processorForm(): Json {
  const form = plain(processorSchema);
  const properties = form["properties"] as Record<string, Json>;
  return {
    title: "A stream processor: its pipeline, and where documents go that it cannot process.",
    ...form,
    properties: { ...properties, pipeline: { ...pipelineOf("main"), minItems: 1 } },
    definitions: { window: pipelineOf("window"), payload: pipelineOf("payload") },
  };
}

/** Stages that may stand in a place; each element names exactly one. */
function pipelineOf(place: Place): Json {
  const here = Object.entries(stages).filter(([, { places }]) => places.includes(place));
  const properties = Object.fromEntries(here.map(([name, spec]) => [name, stageForm(name, spec.shape)]));
  return list({ type: "object", minProperties: 1, maxProperties: 1, additionalProperties: false, properties });
}

function stageForm(name: string, shape: DocumentShape | undefined): Json {
  if (name === "$source") return documentForm({ ...anySource, required: [] }, name);
  // Fields of blobs and of Pub/Sub are not in the catalogue.
  if (name === "$emit")
    return { ...documentForm({ ...anyEmit, required: ["connectionName"] }, name), additionalProperties: true };
  return shape === undefined ? {} : documentForm(shape, name);
}

function documentForm({ fields, required }: DocumentShape, stage: string): Json {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, shape]) => [name, formOf(shape, name, stage)]),
  );
  return { type: "object", additionalProperties: false, properties, ...(required.length > 0 ? { required } : {}) };
}

const text = { type: "string", minLength: 1 };

const kinds: Readonly<Record<Kind, Json>> = {
  text,
  texts: { anyOf: [text, { ...list(text), minItems: 1 }] },
  name: { anyOf: [text, { type: "object" }] },
  any: {},
  document: { type: "object" },
  list: { type: "array" },
  pipeline: list({ type: "object" }),
  integer: { anyOf: [{ type: "integer", minimum: 1 }, { type: "object" }] },
  boolean: { type: "boolean" },
  duration: {
    type: "object",
    additionalProperties: false,
    properties: { size: { type: "integer", minimum: 0 }, unit: { enum: durationUnits } },
    required: ["size", "unit"],
  },
  time: { type: "object" },
};

function formOf(shape: Shape, name: string, stage: string): Json {
  if (typeof shape === "object") return "fields" in shape ? documentForm(shape, stage) : { enum: shape };
  if (shape === "pipeline" && stages[stage]?.role === "window") return { $ref: "#/definitions/window" };
  return shape === "pipeline" && name === "payload" ? { $ref: "#/definitions/payload" } : kinds[shape];
}
