import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Writable } from "node:stream";
import { run } from "../../automation/commands/load.ts";
import { createContext } from "../../automation/context.ts";
import { addressOf } from "../../automation/load/address.ts";
import { judgeLoad } from "../../automation/load/judge.ts";
import { pace, type Asked } from "../../automation/load/pace.ts";
import { checkOutput } from "../../automation/report/output-schemas.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import type { Check } from "../../config/checks.ts";
import { failsWith, repositoryWith, scratch } from "../git/throw-away.ts";

const own = join(import.meta.dirname, "..", "..");
const temporary = scratch();
const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  temporary.clear();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
}

const never = new AbortController().signal;
const problemsOf = (asked: readonly Asked[]) => [...new Set(asked.map(({ problem }) => problem))];

describe("requests at an even pace", () => {
  it("are as many as were asked for, spread over the time", async () => {
    const moments: number[] = [];
    const url = await serve((_request, response) => {
      moments.push(performance.now());
      response.end("ok");
    });
    const asked = await pace({ url, rate: 40, seconds: 1, signal: never });
    assert.deepEqual([asked.length, moments.length, problemsOf(asked)], [40, 40, [undefined]]);
    assert.ok((moments.at(-1) ?? 0) - (moments[0] ?? 0) > 900, "they came all at once");
  });

  it("go on while a server is slow, and count what they wait", async () => {
    let open = 0;
    let most = 0;
    const url = await serve((_request, response) => {
      most = Math.max(most, (open += 1));
      // Answers when the last of them is there, so that each before it waits for it.
      waiting.push(() => ((open -= 1), response.end()));
      if (waiting.length === 20) for (const answer of waiting) answer();
    });
    const waiting: (() => void)[] = [];
    const asked = await pace({ url, rate: 40, seconds: 0.5, signal: never });
    assert.equal(most, 20, "a request waited for the one before");
    assert.ok((asked[0]?.milliseconds ?? 0) > 400, "the first one waited for the last");
    assert.ok((asked[0]?.milliseconds ?? 0) > (asked.at(-1)?.milliseconds ?? Infinity));
  });

  it("say what went wrong: a status, no answer in time, nobody there", async () => {
    const busy = await serve((_request, response) => response.writeHead(503).end());
    assert.deepEqual(problemsOf(await pace({ url: busy, rate: 10, seconds: 0.2, signal: never })), ["status 503"]);
    const mute = await serve(() => undefined);
    const late = await pace({ url: mute, rate: 10, seconds: 0.2, signal: never, patienceMs: 50 });
    assert.deepEqual(problemsOf(late), ["no answer within 0.05 s"]);
    const gone = await serve((_request, response) => response.end());
    await new Promise((resolve) => servers.at(-1)?.close(resolve));
    assert.deepEqual(problemsOf(await pace({ url: gone, rate: 10, seconds: 0.2, signal: never })), ["ECONNREFUSED"]);
  });

  it("end on Ctrl-C", async () => {
    const interrupt = new AbortController();
    const url = await serve((_request, response) => {
      response.end();
      interrupt.abort(new Error("Ctrl-C"));
    });
    await assert.rejects(pace({ url, rate: 1, seconds: 300, signal: interrupt.signal }));
  });
});

describe("figures of a load", () => {
  const limits = { p99Ms: 100, errorRate: 0.01 };
  const good = (milliseconds: number): Asked => ({ milliseconds, problem: undefined });
  const bad = (problem: string): Asked => ({ milliseconds: 1, problem });
  const hundred = Array.from({ length: 100 }, (_, index) => good(index + 1));

  const table: [what: string, asked: Asked[], breaches: string[]][] = [
    ["within the limits", hundred, []],
    ["one error of a hundred", [...hundred.slice(1), bad("x")], []],
    ["two errors of a hundred", [...hundred.slice(2), bad("x"), bad("x")], ["2 % of the requests failed, 1 % may"]],
    ["slow ones", hundred.map(({ milliseconds }) => good(milliseconds + 2)), ["p99 is 101 ms, 100 ms are allowed"]],
    ["nothing but errors", [bad("x")], ["100 % of the requests failed, 1 % may", "no request was answered"]],
    ["nothing at all", [], ["100 % of the requests failed, 1 % may", "no request was answered"]],
  ];
  for (const [what, asked, breaches] of table)
    it(`are held against limits: ${what}`, () => assert.deepEqual(judgeLoad(asked, limits).breaches, breaches));

  it("are percentiles of what was answered, whatever the order, and problems by how often", () => {
    const { latencyMs, problems, errors } = judgeLoad([bad("b"), ...hundred.toReversed(), bad("a"), bad("b")], limits);
    assert.deepEqual(latencyMs, { p50: 50, p90: 90, p99: 99, max: 100 });
    assert.deepEqual([errors, problems], [3, { b: 2, a: 1 }]);
  });
});

describe("where load goes", () => {
  const api: Check = { kind: "http", name: "inference-api", url: "https://api.example.com/models" };
  const other: Check = { ...api, name: "other", url: "https://other.example.com/" };
  const inside: Check = {
    ...{ kind: "http", name: "api/health" },
    service: { cluster: "dev", namespace: "services", name: "api", port: 8000, path: "/health" },
  };
  const to = (checks: Check[], service?: string, url?: string) => addressOf(checks, "dev", { service, url });

  it("is an address of the environment, or of this machine", () => {
    assert.equal(to([inside, api]), "https://api.example.com/models");
    assert.equal(to([api, other], "other"), "https://other.example.com/");
    for (const url of ["http://127.0.0.1:8000/health", "http://localhost/", "https://[::1]:1/x"])
      assert.equal(to([], undefined, url), url);
  });

  it("is nowhere else", () => {
    assert.throws(() => to([inside]), failsWith(6, /No service is named/));
    assert.throws(() => to([api, other]), failsWith(6, /No service is named/));
    assert.throws(
      () => to([inside, api], "api/health"),
      failsWith(6, /No service "api\/health" can be asked from here/),
    );
    for (const url of [
      "http://example.com/",
      "http://127.0.0.1.example.com",
      "http://localhost@example.com",
      "file:///x",
      "x",
    ])
      assert.throws(() => to([api], undefined, url), failsWith(2, /--url: got/), url);
    assert.throws(() => to([api], "inference-api", "http://localhost"), failsWith(2, /both say where/));
  });
});

describe("slipway load", () => {
  let root = "";
  let healthy = "";
  let status = 200;

  before(async () => {
    healthy = await serve((_request, response) => response.writeHead(status).end());
    root = temporary.directory();
    const files = ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "config/promotion.yaml"];
    const promotion = files.map((file) => [file, readFileSync(join(own, file), "utf8")] as const);
    repositoryWith(root, {
      ...Object.fromEntries(promotion),
      "Pulumi.operations.yaml": readFileSync(join(own, "Pulumi.operations.yaml"), "utf8"),
      "Pulumi.staging.yaml": readFileSync(join(own, "Pulumi.staging.yaml"), "utf8"),
    });
  });

  async function load(stack: string, options: Record<string, unknown>) {
    const silent = () => new Writable({ write: (_chunk, _encoding, next) => next() });
    const streams = { stdout: silent(), stderr: silent(), signal: never, terminate: never };
    const context = createContext({ options: {}, environment: { NO_COLOR: "1" }, cwd: root, ...streams });
    const { exitCode, json, text } = await run(context, [stack], options);
    const object: object = { version: 1, command: "load", exitCode, seconds: 0, ...json };
    assert.equal(checkOutput(object), undefined);
    return { exitCode, json, text };
  }
  const little = { rate: "20", seconds: "1" };

  it("keeps what came of it, and ends with 7 where a limit is broken", async () => {
    status = 200;
    const good = await load("dev", { ...little, url: healthy });
    assert.deepEqual([good.exitCode, good.json["requests"], good.json["breaches"]], [0, 20, []], good.text);
    const store = new DirectoryStore(join(root, ".slipway", "store"));
    const kept = await store.get(String(good.json["key"]));
    assert.equal((JSON.parse(Buffer.from(kept?.body ?? "").toString()) as { requests: number }).requests, 20);
    status = 500;
    const bad = await load("dev", { ...little, url: healthy });
    assert.equal(bad.exitCode, 7);
    assert.match(bad.text, /20 times: status 500\n100 % of the requests failed, 1 % may\nno request was answered/);
    assert.equal((await load("dev", { ...little, url: healthy, errors: "100" })).exitCode, 7);
  });

  it("leaves customers alone unless it is meant", async () => {
    status = 200;
    await assert.rejects(load("prod", { ...little, url: healthy }), failsWith(2, /serves customers/));
    assert.equal((await load("prod", { ...little, url: healthy, prod: true })).exitCode, 0);
  });

  const wrong: [options: Record<string, unknown>, message: RegExp][] = [
    [{ rate: "501" }, /--rate: got "501", expected a whole number from 1 to 500/],
    [{ rate: "0" }, /--rate: got "0"/],
    [{ seconds: "301" }, /--seconds: got "301", expected a whole number from 1 to 300/],
    [{ p99: "fast" }, /--p99: got "fast"/],
    [{ errors: "101" }, /--errors: got "101", expected a whole number from 0 to 100/],
  ];
  for (const [options, message] of wrong)
    it(`refuses ${JSON.stringify(options)}`, () =>
      assert.rejects(load("dev", { url: healthy, ...options }), failsWith(2, message)));
});
