import assert from "node:assert/strict";
import { CannotSimulate } from "../../../streams/engine/simulator/errors.ts";
import type { HttpsReply } from "../../../streams/engine/simulator/world/services.ts";
import { log, plain, simulator, through } from "./processing.ts";

const from = (coll: string) => ({ connectionName: "c", db: "d", coll });
const collections = {
  "c.d.people": [
    { _id: 1, name: "Ann", tags: ["x"], team: "t1" },
    { _id: 2, name: "Bob", tags: ["x", "y"] },
    { _id: 3 },
  ],
  "c.d.teams": [{ _id: "t1", label: "Red" }],
};
const names = (documents: unknown) => (documents as { name?: string }[]).map(({ name }) => name);

describe("lookups of the simulator", () => {
  const lookup = (more: object, documents = [{ who: 1 }]) =>
    through([{ $lookup: { from: from("people"), as: "found", ...more } }], documents, { mocks: { collections } });

  it("join by equal fields, through lists and missing fields", () => {
    const equal = (localField: string, foreignField: string, document: object) =>
      names(lookup({ localField, foreignField }, [document as never]).out[0]?.["found"]);
    assert.deepEqual(equal("who", "_id", { who: 1 }), ["Ann"]);
    assert.deepEqual(equal("who", "_id", { who: 9 }), []);
    assert.deepEqual(equal("who", "_id", { who: [2, 1] }), ["Bob", "Ann"]);
    assert.deepEqual(equal("who.id", "_id", { who: { id: 2 } }), ["Bob"]);
    assert.deepEqual(equal("tag", "tags", { tag: "y" }), ["Bob"]);
    assert.deepEqual(equal("nothing", "name", {}), [undefined]);
    assert.deepEqual(equal("who", "_id", { who: "1" }), []);
  });

  it("run pipelines, with variables, and with lookups inside", () => {
    const pipeline = [
      { $match: { $expr: { $gte: ["$_id", "$$least"] } } },
      { $sort: { _id: -1 } },
      { $limit: 2 },
      { $lookup: { from: "teams", localField: "team", foreignField: "_id", as: "team" } },
      { $project: { _id: 1, team: { $first: "$team.label" } } },
    ];
    const { out } = lookup({ let: { least: "$who" }, pipeline }, [{ who: 1 }, { who: 3 }]);
    assert.deepEqual(
      out.map((doc) => doc?.["found"]),
      [[{ _id: 3 }, { _id: 2 }], [{ _id: 3 }]],
    );
    const grouped = lookup({ pipeline: [{ $group: { _id: null, n: { $sum: 1 } } }] });
    assert.deepEqual(grouped.out[0]?.["found"], [{ _id: null, n: 3 }]);
  });

  it("refine what is equal by a pipeline", () => {
    const { out } = lookup({ localField: "tag", foreignField: "tags", pipeline: [{ $match: { name: "Bob" } }] }, [
      { tag: "x" } as never,
    ]);
    assert.deepEqual(names(out[0]?.["found"]), ["Bob"]);
  });

  it("see what the processor itself wrote", () => {
    const stages = [{ $lookup: { from: from("x"), localField: "of", foreignField: "_id", as: "before" } }];
    const merge = { $merge: { into: from("x") } };
    const running = simulator([plain, ...stages, merge], { mocks: { sinks: { "c.d.x": [] } } });
    running.push({ _id: 1 });
    running.push({ _id: 2, of: 1 });
    assert.deepEqual(running.emissions[1]?.doc?.["before"], [{ _id: 1, before: [] }]);
  });

  it("keep answers of a cached lookup for its time", () => {
    const cached = {
      $cachedLookup: {
        ...{ ttl: { size: 1, unit: "minute" }, maxMemUsageBytes: 1000, from: from("people") },
        ...{ localField: "who", foreignField: "_id", as: "found.here" },
      },
    };
    const running = simulator([plain, cached, log], { mocks: { collections } });
    const found = () => {
      running.push({ who: 1 });
      return names((running.emissions.at(-1)?.doc?.["found"] as { here: unknown }).here);
    };
    assert.deepEqual(found(), ["Ann"]);
    running.world.write("c.d.people", { _id: 1, name: "Anna" });
    running.advance("59s");
    assert.deepEqual(found(), ["Ann"]);
    running.advance("1s");
    assert.deepEqual(found(), ["Anna"]);
  });

  it("do not guess what a collection holds", () => {
    const { running } = through([], []);
    assert.ok(running);
    assert.throws(
      () => through([{ $lookup: { from: from("other"), localField: "a", foreignField: "b", as: "c" } }], [{ a: 1 }]),
      (error) =>
        error instanceof CannotSimulate && /the collection c\.d\.other: mocks\.collections/.test(error.message),
    );
  });
});

describe("requests of the simulator", () => {
  const https = (more: object, reply: HttpsReply, document: object = { id: 1 }) =>
    through([{ $https: { connectionName: "h", path: "p", as: "answer", ...more } }], [document as never], {
      mocks: { https: [{ reply }] },
    });

  it("put the answer into the document", () => {
    const answer = (reply: HttpsReply, config?: object) => https({ config: config ?? {} }, reply).out[0]?.["answer"];
    assert.deepEqual(answer({ body: { a: { $numberLong: "5" } } }), { a: 5 });
    assert.equal(answer({ body: "plain", headers: { "Content-Type": "text/plain; charset=utf-8" } }), "plain");
    assert.equal(answer({ status: 204 }), undefined);
    assert.deepEqual(answer({ body: { a: '{"b": [1]}', c: "5" } }, { parseJsonStrings: true }), {
      a: { b: [1] },
      c: "5",
    });
    assert.deepEqual(answer({ body: { a: "[1]" } }), { a: "[1]" });
  });

  it("are made of expressions, and have a body where the method has one", () => {
    const made = {
      ...{
        path: { $concat: ["users/", "$name"] },
        parameters: { n: { $add: ["$id", 1] } },
        headers: { "X-Id": "$name" },
      },
    };
    const { running } = https(made, {}, { id: 1, name: "ann" });
    https({ ...made, method: "POST", payload: [{ $project: { id: 1 } }] }, {}, { id: 1, name: "ann" });
    const request = { kind: "https", connectionName: "h", target: "GET users/ann", method: "GET", path: "users/ann" };
    assert.deepEqual(running.world.services.requests, [
      { ...request, parameters: { n: 2 }, headers: { "X-Id": "ann" } },
    ]);
    const posted = https({ method: "POST", payload: [{ $project: { id: 1 } }] }, {}, { id: 1, when: new Date(0) });
    assert.deepEqual(posted.running.world.services.requests[0]?.body, { id: 1 });
    const whole = https({ method: "PUT" }, {}, { id: 1, when: new Date(0) });
    assert.deepEqual(whole.running.world.services.requests[0]?.body, {
      id: 1,
      when: { $date: "1970-01-01T00:00:00.000Z" },
    });
  });

  it("fail as onError says for the answers that it is about, and the processor for all others", () => {
    for (const status of [400, 404, 410, 413, 414, 431]) {
      const { dlq, running } = https({}, { status, responseTimeMs: 7 });
      assert.deepEqual(dlq, [["$https", `Request failure in $https with status code ${status}: GET p`, { id: 1 }]]);
      assert.deepEqual(running.dlq[0]?.["_stream_meta"]["https"], {
        ...{ url: "p", method: "GET", httpStatusCode: status, responseTimeMs: 7 },
      });
      assert.deepEqual(https({ onError: "Ignore" }, { status }).out, [{ id: 1 }]);
      assert.equal(https({ onError: "fail" }, { status }).running.state, "FAILED");
    }
    for (const onError of ["dlq", "ignore"])
      for (const status of [301, 401, 429, 500, 503]) {
        const { running, out, dlq } = https({ onError }, { status });
        assert.deepEqual([running.state, out, dlq], ["FAILED", [], []]);
        assert.match(running.failure?.reason ?? "", new RegExp(`status code ${status}`));
        // Nothing was read: after a restart it is read again.
        assert.equal(running.push({ id: 2 }), false);
        assert.equal(running.stats().partitions[0]?.currentOffset ?? 0, 0);
      }
  });

  it("go to the dead letter queue where they cannot be made or understood", () => {
    const reasons = [
      https({ path: "$nothing" }, {}),
      https({ headers: { a: "$id" } }, {}),
      https({}, { body: "<a/>", headers: { "content-type": "text/html" } }),
    ].map(({ dlq }) => String(dlq[0]?.[1]));
    assert.deepEqual(reasons, [
      "$https: path must evaluate to a string",
      "$https: the header a must evaluate to a string",
      "Unsupported Content-Type text/html in $https: GET p",
    ]);
  });

  it("are answered by the first mock that matches, and by nobody else", () => {
    const mocks = [
      { connectionName: "other", reply: { body: 0 } },
      { match: { method: "post" }, reply: { body: 1 } },
      { match: { path: "/^q/" }, reply: { body: 2 } },
      { match: { path: "p", parameters: { n: 1 } }, reply: { body: 3 } },
    ];
    const ask = (more: object) =>
      through([{ $https: { connectionName: "h", path: "p", as: "a", ...more } }], [{}], { mocks: { https: mocks } })
        .out[0]?.["a"];
    assert.equal(ask({ method: "POST" }), 1);
    assert.equal(ask({ path: "q/1" }), 2);
    assert.equal(ask({ parameters: { n: 1, m: 2 } }), 3);
    assert.throws(() => ask({}), /cannot be simulated: \$https GET p of h: no mock/);
  });

  it("call functions, and wait for their answers or not", () => {
    const call = (more: object, answer: unknown, constants = {}) =>
      through([{ $externalFunction: { connectionName: "l", functionName: "f", ...more } }], [{ id: 1, x: 2 }], {
        mocks: { functions: { f: answer as never } },
        constants,
      });
    assert.deepEqual(call({ as: "r" }, { score: 1 }).out, [{ id: 1, x: 2, r: { score: 1 } }]);
    assert.deepEqual(call({ as: "r", payload: [{ $project: { id: 1 } }] }, [{ match: { id: 1 }, reply: 5 }]).out, [
      { id: 1, x: 2, r: 5 },
    ]);
    assert.deepEqual(call({ execution: "async" }, [{ error: "nobody sees it" }]).out, [{ id: 1, x: 2 }]);
    const failing = [{ error: "Timeout" }];
    assert.deepEqual(
      call({ as: "r" }, failing).dlq.map(([, reason]) => reason),
      ["Request failure in $externalFunction f: Timeout"],
    );
    assert.deepEqual(call({ as: "r", onError: "ignore" }, failing).out, [{ id: 1, x: 2 }]);
    assert.deepEqual(call({ as: "r", onError: "ignore" }, failing, { externalFunctionIgnore: "drop" }).out, []);
    assert.equal(call({ as: "r", onError: "fail" }, failing).running.state, "FAILED");
    assert.equal(call({ execution: "async", onError: "fail" }, [{ apiError: "throttled" }]).running.state, "FAILED");
    assert.throws(() => call({ functionName: "g" }, {}), /the function g: mocks\.functions has no answer/);
  });
});
