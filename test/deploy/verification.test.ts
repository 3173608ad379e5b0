import assert from "node:assert/strict";
import { verificationError } from "../../automation/deploy/verification.ts";
import { ExitCode } from "../../automation/errors.ts";
import type { CheckResult } from "../../automation/verify/check-kind.ts";

const api: CheckResult = { kind: "http", name: "api", passed: false, detail: "answered 500", attempts: 3, seconds: 2 };
const pipeline: CheckResult = {
  ...{ kind: "state-machine", name: "pipeline", passed: false, notRun: true, attempts: 0, seconds: 0 },
  detail: "not run, as api did not pass",
};

describe("the error of a verification", () => {
  it("names what did not pass and what was not run, and is about the former", () => {
    const { code, message, where } = verificationError("dev", [pipeline, api]);
    assert.equal(code, ExitCode.verificationFailed);
    assert.equal(where, "http api");
    assert.equal(
      message,
      "dev is deployed, but 1 check did not pass: api: answered 500; pipeline: not run, as api did not pass",
    );
  });
});
