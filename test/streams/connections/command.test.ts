import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { createServer as createTls } from "node:tls";
import type { CommandModule } from "../../../automation/commands/result.ts";
import { connections as shipped, connectionsThrough } from "../../../automation/commands/streams-connections.ts";
import { createContext } from "../../../automation/context.ts";
import { checkOutput } from "../../../automation/report/output-schemas.ts";
import { streamVariables } from "../../../automation/streams/variables.ts";
import { failsWith, repositoryWith, scratch } from "../../git/throw-away.ts";
import { makeAuthority, makeIdentity } from "../../support/certificate.ts";

const own = join(import.meta.dirname, "..", "..", "..");
const temporary = scratch();
const authority = makeAuthority();

interface Answer {
  simulated: boolean;
  tested: boolean;
  connections: { name: string; state: string; endpoints: { endpoint: string; message: string }[] }[];
}

describe("slipway streams connections", () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let root = "";
  let good = 0;
  let shut = 0;

  const listen = async (server: Server) => {
    servers.push(server.on("connection", (socket) => sockets.add(socket.on("error", () => undefined))));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };

  before(async () => {
    good = await listen(createTls(makeIdentity({ hosts: ["localhost"], by: authority })));
    const server = createServer();
    shut = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    root = temporary.directory();
    const stack = (more: string) =>
      readFileSync(join(own, "Pulumi.dev.yaml"), "utf8").replace(/^ {6}KAFKA_BOOTSTRAP_SERVERS: .*$/m, more);
    const kafka = (name: string, bootstrapServers: string, more: object = {}) => ({
      ...{
        name,
        type: "Kafka",
        bootstrapServers,
        authentication: { mechanism: "PLAIN", password: "${KAFKA_PASSWORD}" },
      },
      ...{ security: { protocol: "SASL_SSL", brokerPublicCertificate: "${AUTHORITY}" }, ...more },
    });
    // The sandbox wants to know which providers there are.
    symlinkSync(join(own, "node_modules"), join(root, "node_modules"));
    repositoryWith(root, {
      ".gitignore": "node_modules\n.sandbox\n",
      "Pulumi.yaml": "name: slipway\nruntime: nodejs\n",
      "Pulumi.dev.yaml": stack(
        `      SERVERS: localhost:${good}\n      HALF: localhost:${good},localhost:${shut}\n      ENCRYPTED: { secure: "v1:abc" }`,
      ),
      "Pulumi.operations.yaml": readFileSync(join(own, "Pulumi.operations.yaml"), "utf8"),
      "config/promotion.yaml": readFileSync(join(own, "config/promotion.yaml"), "utf8"),
      "streams/processors/p.json": "{}",
      "streams/connections/all.json": JSON.stringify([
        kafka("events", "${SERVERS}"),
        kafka("half", "${HALF}"),
        kafka("shut", "${CLOSED}"),
        kafka("peered", "kafka.internal:9096", { networking: { access: { type: "VPC" } } }),
        kafka("nameless", "${NOBODY}"),
        { name: "shop", type: "Cluster", clusterName: "shop" },
      ]),
    });
  });
  after(() => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
    temporary.clear();
  });

  async function ask(
    args: string[],
    options: Record<string, unknown> = {},
    { run = connectionsThrough(() => true), sandbox = false }: { run?: CommandModule["run"]; sandbox?: boolean } = {},
  ) {
    const { signal } = new AbortController();
    const silent = () => new Writable({ write: (_chunk, _encoding, next) => next() });
    const environment = {
      NO_COLOR: "1",
      SLIPWAY_SANDBOX_LIVE: "off",
      CLOSED: `localhost:${shut}`,
      AUTHORITY: authority.cert,
    };
    const context = createContext({
      ...{ options: {}, environment, cwd: root, stdout: silent(), stderr: silent(), signal, terminate: signal },
    });
    const { exitCode, json, text } = await run({ ...context, sandbox }, args, options);
    const object = { version: 1, command: "streams", exitCode, seconds: 0, ...json };
    assert.equal(checkOutput(object), undefined);
    return { exitCode, text, json: json as unknown as Answer };
  }
  const states = ({ json }: { json: Answer }) => json.connections.map(({ name, state }) => [name, state]);

  it("asks nobody unless it is told to", async () => {
    const listed = await ask(["dev"]);
    assert.deepEqual([listed.exitCode, listed.json.tested], [0, false]);
    assert.deepEqual(states(listed)[0], ["events", "untested"]);
    assert.match(listed.text, new RegExp(`^events +Kafka +localhost:${good} +untested +not asked$`, "m"));
    assert.match(listed.text, /Nobody was asked: --test/);
  });

  it("says with --test how far one gets, worst first in its code, and what is not tested", async () => {
    const all = await ask(["dev"], { test: true });
    assert.deepEqual(states(all), [
      ["events", "reached"],
      ["half", "partly"],
      ["shut", "failed"],
      ["peered", "untested"],
      ["nameless", "unknown"],
      ["shop", "untested"],
    ]);
    assert.equal(all.exitCode, 4);
    assert.match(all.text, /^peered +Kafka +- +untested +its network is VPC: only reachable from Atlas$/m);
    assert.match(all.text, /may log in, is not tested\.$/);
    assert.match(all.text, /^shut +Kafka +\$\{CLOSED\}, server 1 +failed +nobody listens there$/m);
    assert.doesNotMatch(all.text + JSON.stringify(all.json), /BEGIN CERT/);
    assert.equal((await ask(["dev", "nameless", "events"], { test: true })).exitCode, 2);
    assert.equal((await ask(["dev", "events", "half", "peered"], { test: true })).exitCode, 0);
  });

  it("speaks to no private address as it is shipped", async () => {
    const { exitCode, json } = await ask(["dev", "events"], { test: true }, { run: shipped });
    assert.deepEqual([exitCode, json.connections[0]?.state], [0, "untested"]);
    assert.match(json.connections[0]?.endpoints[0]?.message ?? "", /private address/);
  });

  it("lets nothing leave the sandbox", async () => {
    const { exitCode, json, text } = await ask(["dev", "events"], { test: true }, { sandbox: true });
    assert.deepEqual(
      [exitCode, json.simulated, json.tested, states({ json })],
      [0, true, false, [["events", "untested"]]],
    );
    assert.equal(json.connections[0]?.endpoints[0]?.message, "nothing leaves the sandbox");
    assert.match(text, /those of a sandbox, which nothing leaves\.$/);
  });

  it("takes a time and names, and refuses those that are not there", async () => {
    await assert.rejects(ask(["dev"], { test: true, timeout: "soon" }), failsWith(2, /--timeout: got "soon"/));
    await assert.rejects(ask(["dev", "evnts"]), failsWith(6, /There is no connection "evnts"/));
    await assert.rejects(ask(["prod"]), failsWith(6, /no stack "prod"/));
    await assert.rejects(ask(["operations"]), failsWith(6, /operations has no stream processing/));
  });

  it("leaves variables that Pulumi encrypts to the environment", async () => {
    const read = (await streamVariables(root, "dev")) ?? {};
    assert.deepEqual([read["SERVERS"], "ENCRYPTED" in read], [`localhost:${good}`, false]);
  });
});
