import assert from "node:assert/strict";
import { shiftFailed, shiftRefused } from "../../../automation/deploy/traffic/errors.ts";
import { ExitCode, SlipwayError } from "../../../automation/errors.ts";
import { shift } from "./code-deploy.ts";

describe("errors of shifts", () => {
  const lost = (reason: string, deployment?: string) => ({
    shift,
    result: {
      ...{ outcome: "failed" as const, from: "6", seconds: 1, reason, answers: { version: "6", weights: { 7: 0.1 } } },
      ...(deployment === undefined ? {} : { deployment }),
    },
  });

  it("say where the traffic is, and where to look on", () => {
    const error = shiftFailed("prod", { ...lost("alarm errors rang", "d-1"), sandbox: false });
    assert.equal(
      error.changed,
      "prod has its new infrastructure; slipway-dev-models-api:live leads to version 6 and 10 % of version 7",
    );
    assert.equal(
      error.next,
      "Look at it with aws deploy get-deployment --deployment-id d-1, ./slipway history prod; ./slipway rollback prod brings back an earlier release.",
    );
  });

  it("lead to the log of a hook that refused, which alone knows why", () => {
    const reason = "hook BeforeAllowTraffic (hook-before) failed: it reported Failed";
    const { next = "" } = shiftFailed("prod", { ...lost(reason, "d-1"), sandbox: false });
    assert.match(next, /, aws logs tail \/aws\/lambda\/hook-before, \.\/slipway history prod;/u);
    assert.doesNotMatch(next, /hook-after/u);
  });

  it("ask nothing of a sandbox that only its own tools can ask", () => {
    const { next = "" } = shiftFailed("dev", { ...lost("hook-before", "d-1"), sandbox: true });
    assert.match(next, /^Look at it with \.\/slipway history dev;/u);
  });

  it("name the group where there is no deployment, and say so where nobody knows the alias", () => {
    const { where, message, changed } = shiftFailed("dev", {
      ...{ shift, sandbox: false },
      result: { ...lost("somebody else keeps moving the alias").result, answers: undefined },
    });
    assert.equal(where, "deployment group slipway-dev-inference");
    assert.match(message, /did not go to version 7: somebody else keeps moving the alias$/u);
    assert.match(changed ?? "", /where slipway-dev-models-api:live leads is not known$/u);
  });

  const codes: [name: string, code: ExitCode][] = [
    ["AccessDeniedException", ExitCode.credentials],
    ["ExpiredTokenException", ExitCode.credentials],
    ["CredentialsProviderError", ExitCode.credentials],
    ["InvalidRevisionException", ExitCode.unexpected],
  ];
  for (const [name, code] of codes)
    it(`take ${name} for ${code}`, () => {
      const error = Object.assign(new Error("because"), { name });
      const refused = shiftRefused("prod", "up", { shifts: [shift], error });
      assert.equal(refused.code, code);
      assert.match(refused.message, new RegExp(`${name}: because$`, "u"));
      assert.equal(refused.cause, error);
    });

  it("of others pass as they are", () => {
    const held = new SlipwayError(ExitCode.leaseHeld, "held");
    assert.equal(shiftRefused("prod", "up", { shifts: [shift], error: held }), held);
  });
});
