import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { run } from "../../automation/commands/policy.ts";
import { createContext } from "../../automation/context.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { checkOutput } from "../../automation/report/output-schemas.ts";
import { heads } from "../../policy/catalog.ts";

const stream = new PassThrough();
const context = createContext({
  ...{ options: {}, environment: {}, cwd: import.meta.dirname, stdout: stream, stderr: stream },
  ...{ signal: new AbortController().signal, terminate: new AbortController().signal },
});

const promised = (json: Record<string, unknown>) => {
  const head: object = { version: 1, command: "policy", exitCode: 0, seconds: 0 };
  return checkOutput({ ...head, ...json });
};

const failsWith = (code: ExitCode, next: RegExp) => (error: unknown) =>
  error instanceof SlipwayError && error.code === code && next.test(error.next ?? "");

describe("slipway policy", () => {
  it("lists every rule with its level", async () => {
    const { json, text } = await run(context, ["list"], {});
    for (const { id, level } of heads) assert.match(text, new RegExp(`^ {2}${id} +${level} `, "m"));
    assert.equal(promised(json), undefined);
  });

  it("explains one", async () => {
    const { json, text } = await run(context, ["explain", "ecr-immutable"], {});
    assert.match(text, /ecr-immutable \(mandatory\): .*\n {2}why: .*\n {2}to do: set imageTagMutability/);
    assert.equal(promised(json), undefined);
  });

  it("knows what was meant", async () => {
    await assert.rejects(
      run(context, ["explain", "ecr-imutable"], {}),
      failsWith(ExitCode.notFound, /policy explain ecr-immutable/),
    );
    await assert.rejects(run(context, ["explain"], {}), failsWith(ExitCode.notFound, /policy list/));
    await assert.rejects(run(context, ["judge"], {}), failsWith(ExitCode.usage, /list, explain, check/));
  });

  it("refuses a format that it does not know before anything starts", async () => {
    await assert.rejects(
      run(context, ["check", "dev"], { format: "xml" }),
      failsWith(ExitCode.usage, /text, json, sarif/),
    );
  });
});
