import { strict as assert } from "node:assert";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { containerOf, withLocalAddresses } from "../../../sandbox/cluster/container.ts";
import { maxBodyBytes } from "../../../sandbox/cluster/http.ts";
import { pathsOf } from "../../../sandbox/cluster/measure.ts";
import { nextHash, ServiceRouter } from "../../../sandbox/cluster/router.ts";
import { workload } from "./manifests.ts";

describe("the router of a service", function () {
  this.timeout(20_000);
  const servers: Server[] = [];
  let router: ServiceRouter;
  /** A server that answers with this status, and what it was asked in a header. */
  const pod = async (status: number, answer?: unknown) => {
    const server = createServer((request, response) => {
      response.writeHead(status, {
        "x-asked": `${request.method} ${request.url}`,
        "x-seen": request.headers["x-mine"] ?? "",
      });
      if (answer === undefined) request.pipe(response);
      else response.end(JSON.stringify(answer));
    }).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  beforeEach(async () => {
    router = await ServiceRouter.open();
  });
  afterEach(async () => {
    await router.close();
    for (const server of servers.splice(0)) server.close();
  });

  it("splits requests by weight, without chance and without bursts", () => {
    const balance = new Map<string, number>();
    const backends = [
      { hash: "stable", weight: 3 },
      { hash: "canary", weight: 1 },
    ];
    const turns = Array.from({ length: 8 }, () => nextHash(backends, balance));
    assert.deepEqual(turns, ["stable", "stable", "canary", "stable", "stable", "stable", "canary", "stable"]);
    assert.equal(nextHash([], new Map()), undefined);
  });

  it("hands on method, path, headers and body, and counts server errors by revision", async () => {
    router.backends = [
      { hash: "good", weight: 1, port: await pod(201) },
      { hash: "bad", weight: 1, port: await pod(500) },
    ];
    const ask = () =>
      fetch(`${router.address}/a/b?c=d`, { method: "POST", body: "hello", headers: { "x-mine": "yes" } });
    const answers = [await ask(), await ask()];
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 500]);
    assert.deepEqual([answers[0]?.headers.get("x-asked"), answers[0]?.headers.get("x-seen")], ["POST /a/b?c=d", "yes"]);
    assert.equal(await answers[0]?.text(), "hello");
    assert.deepEqual(
      [router.takeTraffic("good"), router.takeTraffic("bad")],
      [
        { requests: 1, errors: 0 },
        { requests: 1, errors: 1 },
      ],
    );
    assert.deepEqual(router.takeTraffic("bad"), { requests: 0, errors: 0 });
  });

  it("refuses a body that is too large, a service without pods and a pod that is gone", async () => {
    assert.equal((await fetch(router.address)).status, 503);
    router.backends = [{ hash: "one", weight: 1, port: await pod(200) }];
    const status = await fetch(router.address, { method: "POST", body: "x".repeat(maxBodyBytes + 1) }).then(
      (answer) => answer.status,
    );
    assert.equal(status, 413);
    router.backends = [{ hash: "one", weight: 1, port: 1 }];
    assert.equal((await fetch(router.address)).status, 502);
    assert.deepEqual(router.takeTraffic("one"), { requests: 1, errors: 1 });
  });

  it("asks a pod for what its OpenAPI document offers to everybody", async () => {
    const needs = { get: { parameters: [{ name: "q", in: "query", required: true }] } };
    const paths = {
      "/models": { get: {} },
      "/ready": { get: {} },
      "/metrics": { get: {} },
      "/predict": { post: {} },
      "/models/{name}": { get: {} },
      "/find": needs,
    };
    const container = { image: "", environment: {}, readinessPath: "/ready", probePaths: [] };
    assert.deepEqual(await pathsOf({ container, port: await pod(200, { paths }) }), ["/models", "/ready"]);
    assert.deepEqual(await pathsOf({ container, port: await pod(404, {}) }), ["/ready"]);
    assert.deepEqual(
      await pathsOf({ container: { ...container, probePaths: ["/own"] }, port: await pod(200, { paths }) }),
      ["/own"],
    );
  });
});

describe("the container of a pod", () => {
  it("has the variables of the pod, and none of a secret", () => {
    const template = {
      spec: {
        containers: [
          {
            image: "i",
            env: [
              { name: "PLAIN", value: "1" },
              { name: "SECRET", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
              { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
            ],
          },
        ],
      },
    };
    assert.deepEqual(containerOf(template, { name: "api-0", namespace: "services" }).environment, {
      PLAIN: "1",
      POD: "api-0",
    });
  });

  it("is asked for the paths that the pod names", () => {
    const { template } = workload({ image: "i", probePaths: "/a, /b?c=d,nonsense" })["spec"] as {
      template: Record<string, unknown>;
    };
    const { probePaths, readinessPath } = containerOf(template, { name: "p", namespace: "n" });
    assert.deepEqual([probePaths, readinessPath], [["/a", "/b?c=d"], "/ready"]);
  });

  const addresses: [value: string, expected: string][] = [
    ["http://predict:8001", "http://127.0.0.1:1"],
    ["http://predict:8001/", "http://127.0.0.1:1"],
    ["http://predict.services:8001", "http://127.0.0.1:1"],
    ["http://predict.services.svc.cluster.local:8001", "http://127.0.0.1:1"],
    ["http://predict.other:8001", "http://predict.other:8001"],
    ["http://predict:8001/path", "http://predict:8001/path"],
    ["https://predict:8001", "https://predict:8001"],
    ["http://unknown:80", "http://unknown:80"],
  ];
  for (const [value, expected] of addresses)
    it(`finds ${value} at ${expected}`, () => {
      const addressOf = (namespace: string, name: string) =>
        `${namespace}/${name}` === "services/predict" ? "http://127.0.0.1:1" : undefined;
      assert.deepEqual(withLocalAddresses({ URL: value }, "services", addressOf), { URL: expected });
    });
});
