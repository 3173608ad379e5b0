import { anyEmit, anySource, emitShapes, inlineSource, sourceShapes } from "../catalogue/connections.ts";
import { type DocumentShape, type Shape, durationUnits } from "../catalogue/shapes.ts";
import type { Finding } from "../finding.ts";
import type { JsonPath } from "../json/document.ts";
import { type Rule, type StageUse, type Subject, connectionType, found, isDocument, member } from "./subject.ts";
import { didYouMean } from "./suggest.ts";

/** Documents of stages have the fields that Atlas knows, each of the right kind. */
const fields: Rule = function* (subject) {
  for (const use of subject.uses) {
    const shape = shapeOf(subject, use);
    if (shape !== undefined) yield* checkDocument(subject, use.name, shape, use.operand, use.path);
  }
};

function shapeOf(subject: Subject, { name, spec, operand }: StageUse): DocumentShape | undefined {
  const type = connectionType(subject, member(operand, "connectionName"));
  if (name === "$source")
    return member(operand, "documents") !== undefined ? inlineSource : ((type && sourceShapes[type]) ?? anySource);
  // Of blobs and Pub/Sub only the kind of connection is checked: their fields are described elsewhere.
  if (name === "$emit") {
    if (type === undefined) return { ...anyEmit, required: ["connectionName"] };
    return emitShapes[type];
  }
  return spec?.shape;
}

function* checkDocument(
  subject: Subject,
  owner: string,
  { required, fields }: DocumentShape,
  value: unknown,
  path: JsonPath,
): Generator<Finding> {
  if (!isDocument(value)) {
    yield wrongKind(subject, owner, "a document", path);
    return;
  }
  for (const name of required)
    if (!Object.hasOwn(value, name))
      yield found(subject, path, {
        ...{ rule: "fields/missing", message: `${owner} has no ${name}` },
        ...{ why: "Atlas refuses the processor when it is created", fix: `add ${name}` },
      });
  for (const [name, inside] of Object.entries(value)) {
    const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (shape === undefined) yield unknownField(subject, owner, name, Object.keys(fields), [...path, name]);
    else yield* checkShape(subject, `${owner}.${name}`, shape, inside, [...path, name]);
  }
}

function unknownField(subject: Subject, owner: string, name: string, known: string[], path: JsonPath): Finding {
  const like = didYouMean(name, known);
  return found(subject, path, {
    rule: "fields/unknown",
    message: `${owner} takes no ${name}`,
    why: "Atlas refuses fields that it does not know",
    fix: like === undefined ? `remove it; known are ${known.join(", ")}` : `did you mean ${like}?`,
  });
}

function wrongKind(subject: Subject, owner: string, wanted: string, path: JsonPath): Finding {
  return found(subject, path, {
    ...{ rule: "fields/kind", message: `${owner} is not ${wanted}` },
    ...{ why: "Atlas refuses the processor when it is created", fix: `write ${wanted}` },
  });
}

function* checkShape(
  subject: Subject,
  owner: string,
  shape: Shape,
  value: unknown,
  path: JsonPath,
): Generator<Finding> {
  if (typeof shape === "object" && "fields" in shape) {
    yield* checkDocument(subject, owner, shape, value, path);
    return;
  }
  if (typeof shape === "object") {
    if (!shape.includes(value as string)) yield wrongWord(subject, owner, shape, value, path);
    return;
  }
  if (shape === "duration") {
    yield* checkDuration(subject, owner, value, path);
    return;
  }
  const [wanted, holds] = kinds[shape];
  if (!holds(value)) yield wrongKind(subject, owner, wanted, path);
}

function wrongWord(subject: Subject, owner: string, words: readonly string[], value: unknown, path: JsonPath): Finding {
  const like = typeof value === "string" ? didYouMean(value, words) : undefined;
  return found(subject, path, {
    ...{ rule: "fields/value", message: `${owner} is not one of ${words.join(", ")}` },
    why: "Atlas refuses the processor when it is created",
    fix: like === undefined ? `write one of ${words.join(", ")}` : `did you mean ${like}?`,
  });
}

const text = (value: unknown) => typeof value === "string" && value !== "";
const wholeNumber = (value: unknown) => isDocument(value) && ("$numberInt" in value || "$numberLong" in value);

const kinds: Readonly<Record<Exclude<Shape, object>, [wanted: string, holds: (value: unknown) => boolean]>> = {
  text: ["a string", text],
  texts: [
    "a string or a list of strings",
    (value) => text(value) || (Array.isArray(value) && value.length > 0 && value.every(text)),
  ],
  name: ["a string or an expression", (value) => text(value) || isDocument(value)],
  any: ["a value", (value) => value !== null],
  document: ["a document", isDocument],
  list: ["a list", Array.isArray],
  pipeline: ["a list of stages", (value) => Array.isArray(value) && value.every(isDocument)],
  integer: ["a whole number above 0", (value) => (Number.isInteger(value) && Number(value) > 0) || wholeNumber(value)],
  boolean: ["true or false", (value) => typeof value === "boolean"],
  duration: ["a duration", isDocument],
  time: [
    "a $toDate or a $dateFromString",
    (value) => isDocument(value) && ["$toDate", "$dateFromString"].includes(Object.keys(value).join()),
  ],
};

/** `allowedLateness` alone may be nothing at all. */
function* checkDuration(subject: Subject, owner: string, value: unknown, path: JsonPath): Generator<Finding> {
  const least = owner.endsWith(".allowedLateness") ? 0 : 1;
  const size = member(value, "size");
  const unit = member(value, "unit");
  if (!isDocument(value) || size === undefined || unit === undefined)
    yield wrongKind(subject, owner, `a {"size", "unit"}`, path);
  else if (!Number.isInteger(size) || Number(size) < least)
    yield wrongKind(subject, `${owner}.size`, `a whole number of at least ${least}`, [...path, "size"]);
  else if (!durationUnits.includes(unit as never))
    yield wrongWord(subject, `${owner}.unit`, durationUnits, unit, [...path, "unit"]);
}

export const shape: readonly Rule[] = [fields];
