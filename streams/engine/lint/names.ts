import type { Finding } from "../finding.ts";
import type { JsonPath } from "../json/document.ts";
import { type Rule, type Subject, found, isDocument } from "./subject.ts";

const sameAsFile: Rule = function* (subject) {
  const { processor } = subject;
  const inside = isDocument(processor.document.value) ? processor.document.value["name"] : undefined;
  if (typeof inside === "string" && inside !== processor.name)
    yield found(subject, ["name"], {
      ...{ rule: "names/file", severity: "warning", message: `the name inside is ${JSON.stringify(inside)}` },
      why: `the processor is called as its file, ${processor.name}`,
      fix: "make the two the same, or remove the one inside",
    });
};

const form: Rule = function* (subject) {
  const { name } = subject.processor;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    yield found(subject, [], {
      ...{ rule: "names/form", severity: "warning", message: `${JSON.stringify(name)} is no good name` },
      why: "names are parts of addresses, alerts and other names: letters, digits, _ and -, at most 64",
      fix: "rename the file",
    });
};

const integerLike = /^(?:0|[1-9]\d*)$/;
const ordered = new Set(["$sort", "sortBy", "partitionedBy", "_id"]);

/** Keys such as "1" change places in whatever reads a pipeline with JavaScript; where order is meaning that changes results. */
const keyOrder: Rule = function* (subject) {
  yield* search(subject, subject.processor.pipeline, ["pipeline"]);
};

function* search(subject: Subject, value: unknown, path: JsonPath): Generator<Finding> {
  if (Array.isArray(value))
    for (const [index, inside] of value.entries()) yield* search(subject, inside, [...path, index]);
  else if (isDocument(value)) {
    const keys = Object.keys(value);
    if (keys.some((key) => integerLike.test(key)) && moves(subject, path, keys)) {
      const matters = ordered.has(String(path.at(-1)));
      yield found(subject, path, {
        ...{ rule: "names/key-order", severity: matters ? "error" : "warning" },
        message: `keys that are numbers stand behind others`,
        why: matters
          ? "their order is meaning, and many tools put keys that are numbers first"
          : "many tools put keys that are numbers first, and show a difference that is none",
        fix: "write them first, or give them other names",
      });
    }
    for (const key of keys) yield* search(subject, value[key], [...path, key]);
  }
}

function moves(subject: Subject, path: JsonPath, keys: readonly string[]): boolean {
  const written = subject.processor.document.keys(path);
  return written.some((key, index) => key !== keys[index]);
}

export const names: readonly Rule[] = [sameAsFile, form, keyOrder];
