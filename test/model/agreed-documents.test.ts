import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { approvedSchema, parseDocument, versionSchema } from "../../automation/model/registry/documents.ts";

interface Case {
  kind: keyof typeof schemas;
  path: string;
  value?: unknown;
}

const schemas = { version: versionSchema, approved: approvedSchema };
const file = join(import.meta.dirname, "../../model/tests/modelkit/documents.json");
const agreed = JSON.parse(readFileSync(file, "utf8")) as {
  sound: Record<Case["kind"], object>;
  taken: Case[];
  refused: Case[];
};

/** A sound document with one field another; without a value the field is not there. */
function document({ kind, path, ...rest }: Case): Buffer {
  const made = structuredClone(agreed.sound[kind]) as Record<string, unknown>;
  const names = path.split(".");
  const last = names.pop() ?? "";
  const place = names.reduce((outer, name) => outer[name] as Record<string, unknown>, made);
  if ("value" in rest) place[last] = rest.value;
  else delete place[last];
  return Buffer.from(JSON.stringify(made));
}

const read = (one: Case) => parseDocument<unknown>(schemas[one.kind], document(one), one.path);

describe("documents of the registry that modelkit reads alike", () => {
  for (const kind of ["version", "approved"] as const)
    it(`takes a sound ${kind}`, () => {
      const sound = agreed.sound[kind];
      assert.deepEqual(parseDocument<unknown>(schemas[kind], Buffer.from(JSON.stringify(sound)), kind), sound);
    });

  for (const one of agreed.taken) it(`takes ${JSON.stringify(one)}`, () => void read(one));

  for (const one of agreed.refused)
    it(`refuses ${JSON.stringify(one)}`, () => {
      const [field = ""] = one.path.split(".");
      assert.throws(() => read(one), new RegExp(`cannot be read: (${field}|document)`));
    });
});
