import assert from "node:assert/strict";
import { join } from "node:path";
import { readStreamFolder } from "../../../automation/streams/project.ts";
import { lint } from "../../../streams/engine/lint/lint.ts";

describe("the processors of this repository", () => {
  it("have no errors", async () => {
    const { project } = await readStreamFolder(join(import.meta.dirname, "..", "..", "..", "streams"));
    assert.ok(project.processors.length > 0);
    assert.deepEqual(
      lint(project).filter(({ severity }) => severity === "error"),
      [],
    );
  });
});
