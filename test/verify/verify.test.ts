import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Check } from "../../config/outputs.ts";
import type { CheckResult, VerifyTargets } from "../../automation/verify/check-kind.ts";
import { verify } from "../../automation/verify/verify.ts";

/** A server on this machine that answers as told, and its address. */
async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const deployed = { release: undefined, root: () => Promise.reject(new Error("no program here")) };

const targets = (url: string): VerifyTargets => ({
  alarms: () => Promise.reject(new Error("no alarms here")),
  aws: () => Promise.reject(new Error("no services here")),
  kubernetes: (cluster) =>
    Promise.resolve({ server: `${url}/${cluster}`, headers: () => Promise.resolve({ authorization: "Bearer t" }) }),
});

describe("verification", function () {
  this.timeout(30_000);
  let server: Server | undefined;
  afterEach(() => server?.close());

  const run = async (
    listener: RequestListener,
    checks: (url: string) => Check[],
    patience = 2_000,
    signal = new AbortController().signal,
  ) => {
    const served = await serve(listener);
    server = served.server;
    return verify(checks(served.url), { targets: targets(served.url), deployed, patience, signal });
  };

  it("asks again until a check passes", async () => {
    let asked = 0;
    const [result] = await run(
      (_, response) => response.writeHead((asked += 1) < 3 ? 503 : 200).end("healthy"),
      (url) => [{ kind: "http", name: "api", url, contains: "healthy" }],
    );
    assert.deepEqual([result?.passed, result?.attempts], [true, 3]);
  });

  it("gives up when patience runs out, and says what was seen last", async () => {
    const [result] = await run(
      (_, response) => response.writeHead(500).end(),
      (url) => [{ kind: "http", name: "api", url }],
      250,
    );
    assert.equal(result?.passed, false);
    assert.match(
      result?.detail ?? "",
      /^still not so after 0 s: http:\/\/127\.0\.0\.1:\d+ answered 500, expected 200$/,
    );
  });

  it("does not wait for what cannot get better", async () => {
    const body = JSON.stringify({ status: { health: { status: "Degraded" } } });
    const [result] = await run(
      (_, response) => response.end(body),
      () => [{ kind: "argo-application", name: "api", cluster: "c1", namespace: "argocd", images: [] }],
    );
    assert.deepEqual([result?.passed, result?.attempts, result?.detail], [false, 1, "Degraded"]);
  });

  it("asks the Kubernetes API for the very object, with its credentials", async () => {
    const seen: (string | undefined)[] = [];
    await run(
      (request, response) => {
        seen.push(request.url, request.headers.authorization);
        response.writeHead(403).end();
      },
      () => [{ kind: "argo-application", name: "a/b", cluster: "c1", namespace: "argo", images: [] }],
    );
    assert.deepEqual(seen, ["/c1/apis/argoproj.io/v1alpha1/namespaces/argo/applications/a%2Fb", "Bearer t"]);
  });

  it("runs checks side by side and reports each", async () => {
    const results = await run(
      (request, response) => response.writeHead(request.url === "/bad" ? 404 : 200).end(),
      (url) => [
        { kind: "http", name: "good", url },
        { kind: "http", name: "bad", url: `${url}/bad`, status: 404 },
        { kind: "http", name: "gone", url: "http://127.0.0.1:1/" },
      ],
      150,
    );
    assert.deepEqual(
      results.map(({ name, passed }) => [name, passed]),
      [
        ["good", true],
        ["bad", true],
        ["gone", false],
      ],
    );
  });

  describe("with a check that runs a pipeline", () => {
    const place = { region: "us-east-1", rawBucket: "r", processedBucket: "p", quarantineBucket: "q" };
    const pipeline: Check = {
      ...{ kind: "state-machine", name: "pipeline", arn: "arn:machine", sample: "data/samples/1k", timeoutSeconds: 60 },
      ...place,
    };
    /** What was asked, in order, and the results; the pipeline is declared before everything else. */
    const order = async (status: number) => {
      const asked: string[] = [];
      const told: CheckResult[] = [];
      const served = await serve((_, response) => {
        asked.push("api");
        response.writeHead(status).end();
      });
      server = served.server;
      const aws: VerifyTargets["aws"] = () => {
        asked.push("pipeline");
        return Promise.resolve({ simulated: true, resources: () => [{ arn: "arn:machine" }] });
      };
      const results = await verify([pipeline, { kind: "http", name: "api", url: served.url }], {
        ...{ targets: { ...targets(served.url), aws }, deployed, patience: 150 },
        signal: new AbortController().signal,
        onResult: (result) => told.push(result),
      });
      assert.deepEqual(told, results);
      return { asked: [...new Set(asked)], results };
    };

    it("asks it after the quick ones", async () => {
      const { asked, results } = await order(200);
      assert.deepEqual(asked, ["api", "pipeline"]);
      assert.deepEqual(
        results.map(({ name, passed, notRun }) => [name, passed, notRun]),
        [
          ["api", true, undefined],
          ["pipeline", true, undefined],
        ],
      );
    });

    it("does not ask it where a quick one did not pass, and says why", async () => {
      const { asked, results } = await order(500);
      assert.deepEqual(asked, ["api"]);
      assert.deepEqual(results[1], {
        ...{ kind: "state-machine", name: "pipeline", passed: false, notRun: true, attempts: 0, seconds: 0 },
        detail: "not run, as api did not pass",
      });
    });

    it("asks it where there is nothing else", async () => {
      const aws: VerifyTargets["aws"] = () => Promise.resolve({ simulated: true, resources: () => [] });
      const [result] = await verify([pipeline], {
        ...{ targets: { ...targets(""), aws }, deployed, patience: 150, signal: new AbortController().signal },
      });
      assert.deepEqual([result?.passed, result?.detail], [false, "no such state machine: arn:machine"]);
    });
  });

  describe("an address that only the cloud has", () => {
    const address = "https://abc.execute-api.eu-west-1.amazonaws.com/models";
    const api: Check = { kind: "http", name: "inference-api", url: address };
    const ask = async (locate: Exclude<VerifyTargets["locate"], undefined>) => {
      const signal = new AbortController().signal;
      return verify([api], { targets: { ...targets(""), locate }, deployed, patience: 150, signal });
    };

    it("is asked where the sandbox has it, and told as it is known", async () => {
      const served = await serve((_, response) => response.writeHead(200).end());
      server = served.server;
      const [result] = await ask(() => Promise.resolve({ url: served.url }));
      assert.deepEqual(
        [result?.passed, result?.simulated, result?.detail],
        [true, undefined, `${address} answered 200`],
      );
    });

    it("is not said to have answered where it is only remembered", async () => {
      const [result] = await ask((url) => Promise.resolve({ url, simulated: true }));
      assert.deepEqual([result?.passed, result?.simulated], [true, true]);
    });
  });

  it("asks functions and endpoints as well", async () => {
    const aws: VerifyTargets["aws"] = () => Promise.resolve({ simulated: true, resources: () => [] });
    const at = { name: "x", region: "eu-west-1", payload: "{}" };
    const checks: Check[] = [
      { ...at, kind: "lambda", function: "f" },
      { ...at, kind: "sagemaker-endpoint", endpoint: "e", predictions: 1, timeoutSeconds: 1 },
    ];
    const results = await verify(checks, {
      ...{ targets: { ...targets(""), aws }, deployed, patience: 150, signal: new AbortController().signal },
    });
    assert.deepEqual(
      results.map(({ detail }) => detail),
      ["no such function: f", "no such endpoint: e"],
    );
  });

  it("keeps looking while a release has to prove itself", async () => {
    let asked = 0;
    const served = await serve((_, response) => response.writeHead((asked += 1) < 4 ? 200 : 500).end());
    server = served.server;
    const [relapsed] = await verify([{ kind: "http", name: "api", url: served.url }], {
      ...{ targets: targets(served.url), deployed, patience: 1_000, bake: 6_000, signal: new AbortController().signal },
    });
    assert.equal(relapsed?.passed, false);
    assert.match(relapsed?.detail ?? "", /^did not stay well: .* answered 500/);
  });

  it("lets a release that stays well through", async () => {
    const served = await serve((_, response) => response.writeHead(200).end());
    server = served.server;
    const [result] = await verify([{ kind: "http", name: "api", url: served.url }], {
      ...{ targets: targets(served.url), deployed, patience: 1_000, bake: 300, signal: new AbortController().signal },
    });
    assert.equal(result?.passed, true);
  });

  it("stops asking when it is cancelled", async () => {
    const controller = new AbortController();
    const [result] = await run(
      (_, response) => {
        controller.abort();
        response.writeHead(500).end();
      },
      (url) => [{ kind: "http", name: "api", url }],
      60_000,
      controller.signal,
    );
    assert.match(result?.detail ?? "", /^cancelled; last seen: /);
  });
});
