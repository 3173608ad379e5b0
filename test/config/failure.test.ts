import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { forEngine } from "../../config/failure.ts";

describe("config/failure", () => {
  it("hands people's errors to the engine in the form it shows without a stack trace", () => {
    const shown = forEngine(new SlipwayError(ExitCode.usage, "the port is wrong.", { next: "Correct it." }));
    assert.ok(pulumi.RunError.isInstance(shown));
    assert.equal(shown.message, "the port is wrong.\nCorrect it.");
  });

  it("leaves the message alone where there is no next step", () => {
    assert.equal((forEngine(new SlipwayError(ExitCode.usage, "no.")) as Error).message, "no.");
  });

  it("leaves defects as they are, stack trace and all", () => {
    const defect = new TypeError("x is undefined");
    assert.equal(forEngine(defect), defect);
  });
});
