import assert from "node:assert/strict";
import { targetOf, type Target } from "../../../automation/streams/connections/targets.ts";
import type { ConnectionDocument } from "../../../streams/engine/files/documents.ts";

const variables = {
  settings: { SERVERS: "a.example.com:9096, b.example.com:9097", NETWORK: "VPC" },
  environment: { HIDDEN: "secret.example.com:9096", HIDDEN_URL: "https://user:pass@secret.example.com/x?key=1" },
};
const kafka = (more: object): ConnectionDocument => ({
  ...{ name: "k", type: "Kafka", authentication: { password: "${NOBODY_SAYS}" }, security: { protocol: "SASL_SSL" } },
  ...more,
});
const found = (connection: ConnectionDocument): Target => targetOf(connection, variables);
const addresses = ({ endpoints }: Target) => endpoints.map(({ host, port, tls, label }) => [host, port, tls, label]);

describe("where a connection leads", () => {
  const table: [what: string, connection: ConnectionDocument, addresses: unknown[][]][] = [
    [
      "brokers of the stack file, whatever its password is",
      kafka({ bootstrapServers: "${SERVERS}" }),
      [
        ["a.example.com", 9096, {}, "a.example.com:9096"],
        ["b.example.com", 9097, {}, "b.example.com:9097"],
      ],
    ],
    [
      "brokers that only the environment knows, without showing them",
      kafka({ bootstrapServers: "${HIDDEN}" }),
      [["secret.example.com", 9096, {}, "${HIDDEN}, server 1"]],
    ],
    [
      "brokers with an authority of their own",
      kafka({
        bootstrapServers: "[2001:db8::1]:9096",
        security: { protocol: "SSL", brokerPublicCertificate: "PEM" },
        networking: { access: { type: "PUBLIC" } },
      }),
      [["2001:db8::1", 9096, { ca: "PEM" }, "[2001:db8::1]:9096"]],
    ],
    [
      "brokers without TLS",
      kafka({ bootstrapServers: "a:1", security: { protocol: "SASL_PLAINTEXT" } }),
      [["a", 1, undefined, "a:1"]],
    ],
    [
      "an address of the web, and no more of it than host and port",
      { name: "h", type: "Https", url: "https://user:pass@api.example.com/hooks?key=1" },
      [["api.example.com", 443, {}, "api.example.com:443"]],
    ],
    [
      "an address of the web that only the environment knows",
      { name: "h", type: "Https", url: "${HIDDEN_URL}" },
      [["secret.example.com", 443, {}, "${HIDDEN_URL}"]],
    ],
    [
      "an address of the web without TLS, on a port of its own",
      { name: "h", type: "Https", url: "http://[2001:db8::1]:8080/" },
      [["2001:db8::1", 8080, undefined, "[2001:db8::1]:8080"]],
    ],
    [
      "every registry of schemas",
      {
        name: "r",
        type: "SchemaRegistry",
        schemaRegistryUrls: ["https://r1.example.com", "https://r2.example.com:8081"],
      },
      [
        ["r1.example.com", 443, {}, "r1.example.com:443"],
        ["r2.example.com", 8081, {}, "r2.example.com:8081"],
      ],
    ],
  ];
  for (const [what, connection, expected] of table)
    it(`is ${what}`, () => {
      const target = found(connection);
      assert.deepEqual([target.reach, target.why, addresses(target)], ["public", undefined, expected]);
    });

  const nowhere: [what: string, connection: ConnectionDocument, reach: string, why: RegExp][] = [
    ["a cluster", { name: "c", type: "Cluster" }, "atlas", /^a cluster is connected inside of Atlas$/],
    ["a stream of AWS", { name: "k", type: "AWSKinesisDataStreams" }, "atlas", /takes on a role in AWS/],
    [
      "a peered network",
      kafka({ bootstrapServers: "${UNKNOWN}", networking: { access: { type: "${NETWORK}" } } }),
      "atlas",
      /^its network is VPC: only reachable from Atlas$/,
    ],
    [
      "a variable of nobody",
      kafka({ bootstrapServers: "${UNKNOWN}" }),
      "unknown",
      /^nobody says what \$\{UNKNOWN\} is$/,
    ],
    ["no port", kafka({ bootstrapServers: "a.example.com" }), "unknown", /got "a.example.com", expected host:port$/],
    ["a port that is none", kafka({ bootstrapServers: "a:70000" }), "unknown", /expected host:port/],
    ["words of a shell", kafka({ bootstrapServers: "$(id):9092" }), "unknown", /expected host:port/],
    ["no brokers", kafka({}), "unknown", /expected host:port/],
    ["no address of the web", { name: "h", type: "Https", url: "ftp://x" }, "unknown", /^url: expected an address/],
    ["no registry", { name: "r", type: "SchemaRegistry" }, "unknown", /^schemaRegistryUrls is missing$/],
  ];
  for (const [what, connection, reach, why] of nowhere)
    it(`is not to be found out for ${what}`, () => {
      const target = found(connection);
      assert.deepEqual([target.reach, target.endpoints], [reach, []]);
      assert.match(target.why ?? "", why);
    });

  it("keeps out of a message what only the environment knows", () => {
    const wrong = { ...variables, environment: { HIDDEN: "p4ssw0rd" } };
    const { why } = targetOf(kafka({ bootstrapServers: "${HIDDEN}" }), wrong);
    assert.equal(why, "bootstrapServers: got ${HIDDEN}, server 1, expected host:port");
  });
});
