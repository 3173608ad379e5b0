import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { createContext } from "../../automation/context.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { judgeAnswer, runRemotely, stepOf } from "../../automation/model/run/remote.ts";
import type { SageMakerRegistry } from "../../automation/model/registry/sagemaker.ts";
import { versionWith } from "./registry/registry-lab.ts";

const arn = "arn:aws:sagemaker:us-east-1:222222222222:pipeline/slipway-dev-training-pipeline/execution/abc123";
const time = (minute: number) => Date.UTC(2026, 0, 2, 3, minute) / 1000;

interface Script {
  /** What the training function answers, and whether that is a failure. */
  answer: { body: unknown; error?: string };
  /** Status and steps of the execution at each look; the last one stays. */
  looks: { status: string; reason?: string; steps: object[] }[];
  /** Told of each look. */
  onLook?(): void;
}

/** Lambda and SageMaker as far as a followed execution needs them. */
class Cloud {
  readonly asked: unknown[] = [];
  readonly messages: string[] = [];
  readonly #server: Server;
  #looks = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(script: Script): Promise<Cloud> {
    const server = createServer();
    const cloud = new Cloud(server);
    server.on("request", (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const [headers, answer] = cloud.#answer(String(request.headers["x-amz-target"] ?? ""), body, script);
        response.writeHead(200, { "content-type": "application/x-amz-json-1.1", ...headers });
        response.end(JSON.stringify(answer));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return cloud;
  }

  #answer(target: string, body: string, { answer, looks, onLook }: Script): [Record<string, string>, unknown] {
    if (target === "") {
      this.asked.push(JSON.parse(body));
      return [answer.error === undefined ? {} : { "x-amz-function-error": answer.error }, answer.body];
    }
    const look = looks[Math.min(this.#looks, looks.length - 1)];
    if (target.endsWith("DescribePipelineExecution")) {
      const reason = look?.reason === undefined ? {} : { FailureReason: look.reason };
      return [{}, { PipelineExecutionArn: arn, PipelineExecutionStatus: look?.status, ...reason }];
    }
    this.#looks += 1;
    onLook?.();
    return [{}, { PipelineExecutionSteps: look?.steps ?? [] }];
  }

  async run(changes: { signal?: AbortSignal; timeoutMs?: number; attempt?: number } = {}) {
    const { port } = this.#server.address() as AddressInfo;
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const config = { region: "us-east-1", endpoint: `http://127.0.0.1:${port}`, credentials };
    const heard = new Writable({
      write: (chunk: Buffer, _encoding, next) => {
        this.messages.push(...String(chunk).trimEnd().split("\n"));
        next();
      },
    });
    const { signal = new AbortController().signal, timeoutMs, attempt = 1 } = changes;
    const streams = { stdout: heard, stderr: heard, signal, terminate: signal };
    const context = createContext({
      options: {},
      environment: { NO_COLOR: "1" },
      cwd: import.meta.dirname,
      ...streams,
    });
    const versions = [
      versionWith({ version: 6 }),
      versionWith({ version: 7, lineage: { ...versionWith().lineage, execution: "abc123" } }),
    ];
    const access = {
      name: "dev",
      model: {
        pipeline: "slipway-dev-training-pipeline",
        functions: { training_handler: "arn:aws:lambda:us-east-1:222222222222:function:slipway-dev-training-handler" },
      } as never,
      ...{ lambda: config, sagemaker: config },
      registry: { list: () => Promise.resolve(versions) } as unknown as SageMakerRegistry,
    };
    const wish = { parameters: { alpha: "0.5" }, attempt, timeoutMs, again: "./slipway model run dev" };
    return runRemotely(context, access, wish, { firstMs: 1, longestMs: 5 });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

const started = { executionArn: arn, snapshot: "7-run", started: true };
const step = (StepName: string, StepStatus: string, more: object = {}) => ({
  ...{ StepName, StepStatus, StartTime: time(0), Metadata: { ProcessingJob: { Arn: "arn" } } },
  ...(StepStatus === "Executing" ? {} : { EndTime: time(2) }),
  ...more,
});

async function follow(script: Script, changes: Parameters<Cloud["run"]>[0] = {}) {
  const cloud = await Cloud.open(script);
  try {
    return { run: await cloud.run(changes).catch((error: unknown) => error), cloud };
  } finally {
    await cloud.close();
  }
}

describe("a run of the pipeline on AWS", function () {
  this.timeout(20_000);

  it("is started by the training function and followed to its end; the version is that of the execution", async () => {
    const looks = [
      { status: "Executing", steps: [step("preprocess-data", "Executing")] },
      { status: "Executing", steps: [step("preprocess-data", "Succeeded"), step("train-model", "Executing")] },
      {
        status: "Succeeded",
        steps: [
          step("preprocess-data", "Succeeded"),
          step("train-model", "Succeeded", { CacheHitResult: { SourcePipelineExecutionArn: arn } }),
          step("accuracy-check", "Succeeded", { Metadata: { Condition: { Outcome: "True" } } }),
        ],
      },
    ];
    const { run, cloud } = await follow({ answer: { body: started }, looks }, { attempt: 2 });
    assert.deepEqual(cloud.asked, [{ parameters: { alpha: "0.5" }, attempt: 2 }]);
    const { execution, snapshot, version, steps } = run as Awaited<ReturnType<typeof runRemotely>>;
    assert.deepEqual([execution, snapshot, version?.version], ["abc123", "7-run", 7]);
    assert.deepEqual(
      steps.map(({ step: name, status, seconds }) => [name, status, seconds]),
      [
        ["preprocess-data", "done", 120],
        ["train-model", "cached", 120],
        ["accuracy-check", "done", 120],
      ],
    );
    assert.deepEqual(
      cloud.messages.filter((line) => line.includes("preprocess-data")),
      ["  .. preprocess-data", "  done preprocess-data 120.0 s"],
    );
  });

  const ends: [name: string, look: Script["looks"][number], code: ExitCode, words: RegExp][] = [
    [
      "fails",
      {
        status: "Failed",
        reason: "a step failed",
        steps: [step("train-model", "Failed", { FailureReason: "ClientError: no data" })],
      },
      ExitCode.resourceFailed,
      /ended as Failed: ClientError: no data/,
    ],
    [
      "is stopped",
      { status: "Stopped", reason: "by hand", steps: [] },
      ExitCode.cancelled,
      /ended as Stopped: by hand/,
    ],
  ];
  for (const [name, look, code, words] of ends)
    it(`says why when it ${name}`, async () => {
      const { run } = await follow({ answer: { body: started }, looks: [look] });
      assert.ok(run instanceof SlipwayError);
      assert.deepEqual([run.code, words.test(run.message), run.where], [code, true, arn]);
      assert.match(run.next ?? "", /--attempt 2/);
    });

  it("goes on when nobody follows it any more, and says how to follow it again", async () => {
    const looks = [{ status: "Executing", steps: [] }];
    const { run: late } = await follow({ answer: { body: started }, looks }, { timeoutMs: 20 });
    assert.ok(late instanceof SlipwayError);
    assert.deepEqual([late.code, /model run dev follows it again/.test(late.next ?? "")], [ExitCode.timeout, true]);
    const person = new AbortController();
    const script = { answer: { body: started }, looks, onLook: () => person.abort() };
    const { run: left } = await follow(script, { signal: person.signal });
    assert.ok(left instanceof SlipwayError, String(left));
    assert.equal(left.code, ExitCode.cancelled);
  });

  it("is the execution of before where the same was asked for before", async () => {
    const looks = [{ status: "Succeeded", steps: [] }];
    const { cloud } = await follow({ answer: { body: { ...started, started: false } }, looks });
    assert.match(cloud.messages.join("\n"), /the same was asked for before: execution abc123/);
  });
});

describe("the answer of the training function", () => {
  const refused: [name: string, body: string, error: string | undefined, code: ExitCode, words: RegExp][] = [
    [
      "a request that makes no sense",
      '{"errorMessage": "parameters.Alpha: got \\"x\\""}',
      "Unhandled",
      ExitCode.usage,
      /refuses: parameters\.Alpha: got "x"/,
    ],
    ["an end without words", "Task timed out", "Unhandled", ExitCode.usage, /refuses: Task timed out/],
    [
      "nothing to learn from",
      '{"executionArn": null, "snapshot": null, "started": false, "reason": "nothing of houses"}',
      undefined,
      ExitCode.notFound,
      /nothing of houses/,
    ],
  ];
  for (const [name, body, error, code, words] of refused)
    it(`may be ${name}`, () => {
      assert.throws(
        () => judgeAnswer(body, error, "function"),
        (thrown) => thrown instanceof SlipwayError && thrown.code === code && words.test(thrown.message),
      );
    });

  it("names the execution", () => {
    assert.deepEqual(judgeAnswer(JSON.stringify(started), undefined, "function"), started);
  });
});

describe("a step of the service", () => {
  it("that runs has taken until now", () => {
    const now = new Date(time(3) * 1000);
    const running = stepOf({ StepName: "a", StepStatus: "Executing", StartTime: new Date(time(1) * 1000) }, now);
    assert.deepEqual([running.status, running.seconds], ["running", 120]);
    assert.equal(stepOf({ StepName: "a", StepStatus: "Starting" }, now).seconds, 0);
  });
});
