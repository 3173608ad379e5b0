import assert from "node:assert/strict";
import { ExitCode } from "../../../automation/errors.ts";
import { addressFrom, credentialsFrom } from "../../../automation/streams/atlas/credentials.ts";
import { digestHeader, parseChallenge } from "../../../automation/streams/atlas/digest.ts";
import { documentOf, processorOf, statsOf } from "../../../automation/streams/atlas/read.ts";
import { failureOf, pauseBefore, retryAfterOf } from "../../../automation/streams/atlas/retry.ts";
import { Secrets, secretsIn } from "../../../automation/streams/atlas/secrets.ts";
import { waitForState } from "../../../automation/streams/atlas/wait.ts";
import { failsWith } from "../../git/throw-away.ts";
import { processor } from "../observe/made.ts";

describe("credentials for Atlas", () => {
  const account = { MONGODB_ATLAS_CLIENT_ID: "id", MONGODB_ATLAS_CLIENT_SECRET: "secret" };
  const keys = { MONGODB_ATLAS_PUBLIC_KEY: "pub", MONGODB_ATLAS_PRIVATE_KEY: "priv" };
  const own = { ATLAS_PUBLIC_KEY_PROD: "prod-pub", ATLAS_PRIVATE_KEY_PROD: "prod-priv" };
  const long = { ATLAS_PUBLIC_KEY_PRODUCTION: "long-pub", ATLAS_PRIVATE_KEY_PRODUCTION: "long-priv" };
  const plain = { ATLAS_PUBLIC_KEY: "plain-pub", ATLAS_PRIVATE_KEY: "plain-priv" };
  const digest = (publicKey: string, privateKey: string) => ({ kind: "digest", publicKey, privateKey });

  it("are those of a service account, else API keys, else those that config.env names", () => {
    const all = { ...account, ...keys, ...own, ...long, ...plain };
    assert.deepEqual(credentialsFrom(all, "prod"), { kind: "service-account", id: "id", secret: "secret" });
    assert.deepEqual(credentialsFrom({ ...keys, ...own }, "prod"), digest("pub", "priv"));
    assert.deepEqual(credentialsFrom({ ...long, ...own, ...plain }, "prod"), digest("prod-pub", "prod-priv"));
    assert.deepEqual(credentialsFrom({ ...long, ...plain }, "prod"), digest("long-pub", "long-priv"));
    assert.deepEqual(credentialsFrom({ ...own, ...plain }, "dev"), digest("plain-pub", "plain-priv"));
  });

  it("that are missing or only half there are named", () => {
    assert.throws(() => credentialsFrom({}, "prod"), failsWith(ExitCode.credentials, /no credentials for Atlas/));
    const half = { MONGODB_ATLAS_CLIENT_ID: "id", ...keys };
    const expected = /MONGODB_ATLAS_CLIENT_ID is set, and MONGODB_ATLAS_CLIENT_SECRET is not/;
    assert.throws(() => credentialsFrom(half), failsWith(ExitCode.credentials, expected));
  });

  it("go to nothing but https, and nowhere that a URL hides", () => {
    const address = (MONGODB_ATLAS_BASE_URL: string) => addressFrom({ MONGODB_ATLAS_BASE_URL });
    assert.equal(addressFrom({}), "https://cloud.mongodb.com");
    assert.equal(address("https://cloud.mongodbgov.com/"), "https://cloud.mongodbgov.com");
    assert.equal(address("http://127.0.0.1:80/x/"), "http://127.0.0.1/x");
    for (const bad of ["cloud.mongodb.com", "http://cloud.mongodb.com", "https://user:hush@a.b", "https://a.b?x=1"])
      assert.throws(
        () => address(bad),
        (error: Error) => failsWith(ExitCode.usage, /MONGODB_ATLAS_BASE_URL/)(error) && !error.message.includes("hush"),
      );
  });
});

describe("digest authorization", () => {
  it("answers the example of RFC 7616", () => {
    const header = (algorithm: string) =>
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
      `nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
    const request = {
      publicKey: "Mufasa",
      privateKey: "Circle of Life",
      method: "GET",
      uri: "/dir/index.html",
      count: 1,
    };
    const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    const responses = {
      MD5: "8ca523f5e9506fed4657c9700eebdbec",
      "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    };
    for (const [algorithm, response] of Object.entries(responses)) {
      const challenge = parseChallenge(header(algorithm));
      assert.ok(challenge);
      const answer = digestHeader(challenge, { ...request, cnonce });
      assert.match(answer, new RegExp(`response="${response}".*nc=00000001`));
    }
  });

  it("does not answer what it does not know", () => {
    for (const header of [
      null,
      "Bearer",
      `Digest realm="a"`,
      `Digest realm="a", nonce="b", algorithm=MD4`,
      `Digest realm="a", nonce="b", qop="auth-int"`,
    ])
      assert.equal(parseChallenge(header), undefined, String(header));
  });
});

describe("pauses between attempts", () => {
  it("are what the server asks for, as seconds or as a date", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    assert.equal(retryAfterOf("7", now), 7);
    assert.equal(retryAfterOf("Thu, 01 Jan 2026 00:00:30 GMT", now), 30);
    assert.equal(retryAfterOf("Wed, 31 Dec 2025 00:00:00 GMT", now), 0);
    assert.deepEqual(
      [retryAfterOf(null, now), retryAfterOf("soon", now), retryAfterOf(" ", now)],
      [undefined, undefined, undefined],
    );
    assert.deepEqual([pauseBefore(1, 3), pauseBefore(1, 121)], [3000, undefined]);
  });

  it("grow, and have an end", () => {
    assert.deepEqual(
      [1, 2, 3, 20].map((attempt) => pauseBefore(attempt, undefined, () => 1)),
      [500, 1000, 2000, 30_000],
    );
    assert.equal(
      pauseBefore(2, undefined, () => 0),
      500,
    );
  });
});

describe("what Atlas says", () => {
  it("is told in its own words, where it has any", () => {
    assert.equal(failureOf(400, `{"detail":"no","errorCode":"X","error":400}`, undefined).detail, "no");
    assert.equal(failureOf(502, "<html>", undefined).detail, "it says no more");
    const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    assert.equal(
      failureOf(0, "", new TypeError("fetch failed", { cause })).detail,
      "ECONNREFUSED: connect ECONNREFUSED",
    );
    assert.equal(failureOf(0, "", new DOMException("x", "TimeoutError")).detail, "no answer within a minute");
  });

  it("is read in every form of numbers and dates, and kept as it was", () => {
    const raw = {
      ...{ inputMessageCount: { $numberLong: "12" }, watermark: { $date: { $numberLong: "0" } }, lastMessageIn: 1000 },
      ...{ latency: { p50: 1, p99: "2" }, stateSize: "what", changeStreamState: { _data: "82" }, own: [1] },
    };
    const read = statsOf(raw);
    assert.deepEqual([read.inputMessageCount, read.stateSize, read.latency], [12, 0, { p50: 1, p99: 2 }]);
    assert.deepEqual([read.watermark, read.lastMessageIn], ["1970-01-01T00:00:00.000Z", "1970-01-01T00:00:01.000Z"]);
    assert.deepEqual([read.changeStreamState, read.raw["own"]], [{ _data: "82" }, [1]]);
  });

  it("may hold what is not known yet", () => {
    const text = `{"name":"a","state":"HIBERNATING","pipeline":[{"$new":1}],"tier":"SP99","options":null,"stats":null}`;
    const read = processorOf(documentOf(text));
    assert.deepEqual([read.state, read.tier, read.text], ["HIBERNATING", undefined, `[{"$new":1}]`]);
  });
});

describe("secrets", () => {
  it("of a connection are found by their places", () => {
    const found = secretsIn({
      ...{
        name: "public-name",
        type: "Kafka",
        bootstrapServers: "broker:9092",
        url: "https://user:hush@a.b/x?key=abc",
      },
      authentication: { mechanism: "PLAIN", password: "p1" },
      ...{ headers: { any: "h1" }, sslKey: "s1", security: { protocol: "SSL" } },
    });
    assert.deepEqual(
      found.sort(),
      ["PLAIN", "abc", "h1", "hush", "https://user:hush@a.b/x?key=abc", "p1", "s1"].sort(),
    );
  });

  it("are taken out, the longer ones first", () => {
    const secrets = new Secrets();
    secrets.add("abcdef", "abcdefgh", "abc");
    assert.equal(secrets.hide("abc abcdefgh abcdef", ["second-one"]), "abc [secret] [secret]");
    assert.equal(secrets.hide("second-one", ["second-one"]), "[secret]");
  });
});

describe("waiting for a state", () => {
  const run = (states: (string | undefined)[], timeoutMs = 10_000) => {
    let now = 0;
    const said: string[] = [];
    const clock = { now: () => now, sleep: (ms: number) => Promise.resolve(void (now += ms)) };
    const next = () => (states.length > 1 ? states.shift() : states[0]);
    const client = {
      processor: () => {
        const state = next();
        return Promise.resolve(state === undefined ? undefined : processor({ state, errorMsg: "boom" }));
      },
    };
    const work = waitForState(client, "orders", ["STARTED"], {
      timeoutMs,
      pollMs: 1000,
      clock,
      say: (line) => said.push(line),
    });
    return { work, said };
  };

  it("ends with it, and says each state on the way once", async () => {
    const { work, said } = run(["INIT", "PROVISIONING", "PROVISIONING", "STARTED"]);
    assert.equal((await work).state, "STARTED");
    assert.deepEqual(said, [
      "orders is INIT, 0.0 s; waiting for STARTED",
      "orders is PROVISIONING, 1.0 s; waiting for STARTED",
    ]);
  });

  it("ends with what went wrong", async () => {
    await assert.rejects(run(["INIT", "FAILED"]).work, failsWith(ExitCode.resourceFailed, /orders is FAILED: boom/));
    await assert.rejects(run(["INIT", undefined]).work, failsWith(ExitCode.notFound, /no processor orders/));
    await assert.rejects(run(["INIT"]).work, failsWith(ExitCode.timeout, /still INIT after/));
  });
});
