import assert from "node:assert/strict";
import { createServer as createPlain, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { isPublic } from "../../../automation/streams/connections/public-address.ts";
import { probe, type Probed, type ProbeLimits } from "../../../automation/streams/connections/probe.ts";
import type { Endpoint } from "../../../automation/streams/connections/targets.ts";
import { tryTargets, untried } from "../../../automation/streams/connections/try.ts";
import { makeAuthority, makeIdentity, type Identity } from "../../support/certificate.ts";

const day = 24 * 60 * 60_000;
const authority = makeAuthority();
const servers: Server[] = [];
const sockets = new Set<Socket>();

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A broker as far as a handshake goes, with what it was sent afterwards. */
async function broker(identity: Identity): Promise<{ port: number; heard: Buffer[]; ended: Promise<unknown> }> {
  const heard: Buffer[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  const server = createTls(identity, (socket) => {
    socket.on("data", (chunk: Buffer) => heard.push(chunk)).on("error", () => undefined);
    socket.once("end", () => resolve(socket.servername));
  });
  server.on("tlsClientError", () => undefined);
  return { port: await listen(server), heard, ended };
}

const limits: ProbeLimits = {
  timeoutMs: 5000,
  signal: new AbortController().signal,
  now: () => new Date(),
  reachable: () => true,
};
const endpoint = (port: number, tls: Endpoint["tls"], host = "localhost"): Endpoint => ({
  host,
  port,
  tls,
  label: "b",
});
const ask = (to: Endpoint, more: Partial<ProbeLimits> = {}) => probe(to, { ...limits, ...more });
const seen = ({ state, stage, message }: Probed) => [state, stage, message];

after(() => {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
});

describe("an address of a connection", () => {
  it("is reached where name, connection and certificate are right, and nothing is sent there", async () => {
    const { port, heard, ended } = await broker(makeIdentity({ hosts: ["localhost"], by: authority }));
    const found = await ask(endpoint(port, { ca: authority.cert }));
    assert.deepEqual(seen(found), ["reached", null, "TLSv1.3 with a certificate of this host; nobody logged in"]);
    assert.ok(Date.parse(found.tls?.until ?? "") > Date.now() + 300 * day);
    assert.deepEqual([await ended, heard], ["localhost", []]);
  });

  it("may be an address instead of a name", async () => {
    const { port } = await broker(makeIdentity({ hosts: ["127.0.0.1"], by: authority }));
    assert.equal((await ask(endpoint(port, { ca: authority.cert }, "127.0.0.1"))).state, "reached");
    const other = await broker(makeIdentity({ hosts: ["127.0.0.2"], by: authority }));
    const found = await ask(endpoint(other.port, { ca: authority.cert }, "127.0.0.1"));
    assert.deepEqual(seen(found), ["failed", "certificate", "its certificate is of another host"]);
  });

  const wrong: [what: string, identity: Identity, ca: string | undefined, message: string][] = [
    [
      "another host",
      makeIdentity({ hosts: ["elsewhere.example"], by: authority }),
      authority.cert,
      "its certificate is of another host",
    ],
    [
      "an authority that nobody knows",
      makeIdentity({ hosts: ["localhost"], by: authority }),
      undefined,
      "it sends its certificate without those in between",
    ],
    ["itself alone", makeIdentity({ hosts: ["localhost"] }), undefined, "its certificate is signed by itself"],
    [
      "yesterday",
      makeIdentity({ hosts: ["localhost"], by: authority, until: new Date(Date.now() - day / 2) }),
      authority.cert,
      "its certificate has expired",
    ],
    [
      "tomorrow",
      makeIdentity({ hosts: ["localhost"], by: authority, from: new Date(Date.now() + day) }),
      authority.cert,
      "its certificate is not valid yet",
    ],
  ];
  for (const [what, identity, ca, message] of wrong)
    it(`fails with a certificate of ${what}`, async () => {
      const { port } = await broker(identity);
      const found = await ask(endpoint(port, ca === undefined ? {} : { ca }));
      assert.deepEqual([...seen(found), found.tls], ["failed", "certificate", message, null]);
    });

  it("says when its certificate ends soon", async () => {
    const until = new Date(Date.now() + 3.5 * day);
    const { port } = await broker(makeIdentity({ hosts: ["localhost"], by: authority, until }));
    assert.match((await ask(endpoint(port, { ca: authority.cert }))).message, /of this host, which ends in 3 days;/);
  });

  it("fails where there is no such name, nobody listens, no TLS is spoken, or nothing is said in time", async () => {
    const nowhere = await ask(endpoint(9092, {}, "broker.invalid"));
    assert.deepEqual([nowhere.state, nowhere.stage], ["failed", "name"]);
    const closed = createPlain();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    assert.deepEqual(seen(await ask(endpoint(port, {}))), ["failed", "connection", "nobody listens there"]);
    const plain = await listen(
      createPlain((socket) => socket.on("error", () => undefined).end("HTTP/1.1 400\r\n\r\n")),
    );
    assert.match((await ask(endpoint(plain, {}))).message, /^no TLS is spoken there \(/);
    const mute = await listen(createPlain((socket) => socket.on("error", () => undefined)));
    const late = await ask(endpoint(mute, {}), { timeoutMs: 100 });
    assert.deepEqual(seen(late), ["failed", "connection", "connected, and no handshake, within 0.1 s"]);
    const hangs = await listen(createPlain((socket) => socket.destroy()));
    assert.deepEqual((await ask(endpoint(hangs, {}))).stage, "connection");
  });

  it("is only connected to where no TLS is wanted", async () => {
    const port = await listen(createPlain((socket) => socket.on("error", () => undefined)));
    const found = await ask(endpoint(port, undefined));
    assert.deepEqual(seen(found), ["reached", null, "connected, without TLS; nobody logged in"]);
  });

  it("is left alone where it belongs to a private network", async () => {
    let connections = 0;
    const port = await listen(createPlain(() => (connections += 1)));
    const found = await ask(endpoint(port, undefined), { reachable: isPublic });
    assert.deepEqual([found.state, found.stage, connections], ["untested", null, 0]);
    assert.match(found.message, /only reachable from inside of that network/);
  });

  it("is given up on Ctrl-C", async () => {
    const mute = await listen(createPlain((socket) => socket.on("error", () => undefined)));
    const interrupt = new AbortController();
    const asked = ask(endpoint(mute, {}), { signal: interrupt.signal });
    interrupt.abort(new Error("Ctrl-C"));
    await assert.rejects(asked, /Ctrl-C/);
  });

  const addresses: [address: string, isOfAll: boolean][] = [
    ...(["8.8.8.8", "172.32.0.1", "2001:4860:4860::8888", "100.128.0.1"].map((one) => [one, true]) as [
      string,
      boolean,
    ][]),
    ...[
      "10.1.2.3",
      "172.31.255.255",
      "192.168.0.1",
      "127.0.0.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
      "224.0.0.1",
    ].map((one): [string, boolean] => [one, false]),
    ...["::1", "::", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "ff02::1", "kafka.example.com", ""].map(
      (one): [string, boolean] => [one, false],
    ),
  ];
  for (const [address, isOfAll] of addresses)
    it(`${JSON.stringify(address)} is ${isOfAll ? "" : "not "}of the whole internet`, () =>
      assert.equal(isPublic(address), isOfAll));
});

describe("connections that are tried", () => {
  const target = (name: string, ports: readonly number[]) => ({
    ...{ name, type: "Kafka" as const, reach: "public" as const, why: undefined },
    endpoints: ports.map((port) => endpoint(port, undefined)),
  });

  it("are as good as their servers, in the order in which they were named", async () => {
    const up = await listen(createPlain((socket) => socket.on("error", () => undefined)));
    const server = createPlain();
    const down = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const inside = { name: "c", type: "Cluster" as const, reach: "atlas" as const, why: "x", endpoints: [] };
    const unknown = { ...inside, name: "u", reach: "unknown" as const };
    const all = [target("a", [up, up]), inside, target("b", [down, up]), target("d", [down]), unknown];
    const tried = await tryTargets(all, limits);
    assert.deepEqual(
      tried.map(({ name, state, endpoints }) => [name, state, endpoints.map((one) => one.state)]),
      [
        ["a", "reached", ["reached", "reached"]],
        ["c", "untested", []],
        ["b", "partly", ["failed", "reached"]],
        ["d", "failed", ["failed"]],
        ["u", "unknown", []],
      ],
    );
    assert.deepEqual(
      untried(all, "not asked").map(({ state }) => state),
      ["untested", "untested", "untested", "untested", "unknown"],
    );
  });
});
