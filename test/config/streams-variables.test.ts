import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { SlipwayError } from "../../automation/errors.ts";
import { planConnections } from "../../config/streams-connections.ts";
import { readStreams } from "../../config/streams-files.ts";
import { streamsDefaults } from "../../config/streams-profile.ts";
import { withStreamsProfile } from "../../config/streams-schema.ts";
import { loadStreamsDefinition } from "../../config/streams.ts";
import { type Variables, fillConnection } from "../../config/streams-variables.ts";
import type { ConnectionDocument } from "../../streams/engine/files/documents.ts";
import { loadStreams } from "../../streams/engine/files/project.ts";

const from = (settings: Record<string, unknown>, environment: Record<string, string> = {}): Variables => ({
  ...{ settings, environment },
});
const kafka: ConnectionDocument = {
  ...{ name: "events", type: "Kafka", bootstrapServers: "${HOST}:9092,${HOST}:9093" },
  authentication: { mechanism: "PLAIN", username: "${USER_NAME}", password: "${PASSWORD}" },
  security: { protocol: "SASL_SSL" },
};

describe("config/streams-variables", () => {
  it("fills in from the stack file before the environment, everywhere in a connection", () => {
    const variables = from({ HOST: "k", PASSWORD: "own" }, { PASSWORD: "other", USER_NAME: "u" });
    const { connection, missing } = fillConnection(kafka, variables);
    assert.deepEqual(missing, []);
    assert.equal(connection.value.bootstrapServers, "k:9092,k:9093");
    assert.deepEqual(connection.value["authentication"], { mechanism: "PLAIN", username: "u", password: "own" });
    assert.deepEqual(connection.secrets, ["bootstrapServers", "authentication"]);
  });

  const secrets: [title: string, connection: Partial<ConnectionDocument>, expected: string[]][] = [
    ["headers, whatever they hold", { headers: { Accept: "text/plain" } }, ["headers"]],
    ["an address with a user", { url: "https://u:p@x.example.com" }, ["url"]],
    ["an address with a query, where keys stand", { url: "https://x.example.com/?key=k" }, ["url"]],
    [
      "a registry's credentials",
      { schemaRegistryAuthentication: { type: "USER_INFO" } },
      ["schemaRegistryAuthentication"],
    ],
    ["nothing of what anybody may see", { url: "https://x.example.com/v1", clusterName: "c" }, []],
  ];
  for (const [title, connection, expected] of secrets)
    it(`hides ${title}`, () => {
      assert.deepEqual(
        fillConnection({ name: "x", type: "Https", ...connection }, from({})).connection.secrets,
        expected,
      );
    });

  it("names every variable that nobody sets, by file and connection, and every one that is no text", () => {
    const text = JSON.stringify([
      kafka,
      { name: "geo", type: "Https", url: "https://x.example.com", headers: { K: "${TOKEN}" } },
    ]);
    const { problems } = planConnections(
      loadStreams({ "connections/all.json": text }),
      from({ HOST: 12345, PASSWORD: "" }),
    );
    assert.deepEqual(problems, [
      "slipway:streams.variables.HOST: expected a text, in quotes where it looks like a number.",
      ...["HOST", "PASSWORD", "USER_NAME"].map(
        (name) =>
          `streams/connections/all.json:1: connection events: nobody says what \${${name}} is. Set ${name} in the environment, or slipway:streams.variables.${name}.`,
      ),
      "streams/connections/all.json:1: connection geo: nobody says what ${TOKEN} is. Set TOKEN in the environment, or slipway:streams.variables.TOKEN.",
    ]);
    assert.ok(!problems.join("\n").includes("12345"), "values are not shown");
  });
});

describe("config/streams-files", () => {
  let root = "";
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "streams-"));
    const write = async (path: string, text: string) => {
      await mkdir(join(root, path, ".."), { recursive: true });
      await writeFile(join(root, path), text);
    };
    const inline = (n: number) => JSON.stringify({ pipeline: [{ $source: { documents: [{ n }] } }, { $emit: {} }] });
    await write("streams/processors/orders.json", inline(1));
    await write("released", inline(2));
    await write("streams/environments/dev/config.env", "WORKSPACE_NAME=w\nDEFAULT_TIER=SP2\n");
    await write("streams/connections/notes.md", "no connection");
    await write("streams/policies/orders.json", "{}");
  });
  after(async () => {
    await rm(root, { recursive: true, force: true });
  });

  const released = () => ({ orders: { digest: "sha256:0", path: join(root, "released") } });

  it("take processors from the release, and where they run from the program", async () => {
    const project = await readStreams(root, released());
    assert.deepEqual(project.findings, []);
    assert.deepEqual(
      project.processors.map(({ name, pipelineText }) => [name, pipelineText.includes('"n":2')]),
      [["orders", true]],
    );
    assert.deepEqual([[...project.environments.keys()], [...project.policies.keys()]], [["dev"], ["orders"]]);
  });

  it("have nothing where no folder is", async () => {
    const { processors, connections } = await readStreams(join(root, "elsewhere"), {});
    assert.deepEqual([processors, connections], [[], []]);
  });

  it("end in one error with everything, where something stands against them", async () => {
    const settings = withStreamsProfile(streamsDefaults, { region: "VIRGINIA_USA" })!;
    const sources = { name: "dev", settings, environment: {}, now: new Date(0) };
    await assert.rejects(loadStreamsDefinition(root, { processors: released() }, sources), (error) => {
      assert.ok(error instanceof SlipwayError);
      assert.match(error.message, /^stream processing of dev has \d problems:\n/);
      assert.match(error.message, /slipway:streams\.projectId: missing/);
      assert.match(error.message, /streams\/processors\/orders\.json:1:\d+: /);
      assert.equal(error.where, "streams");
      return true;
    });
  });
});
