import type { Connection, StreamProject } from "../streams/engine/files/project.ts";
import { suggest } from "./suggest.ts";
import { type FilledConnection, type Variables, fillConnection, notTexts } from "./streams-variables.ts";

/** Everything that a connection may say beside its name and type. */
const known = [
  ...["clusterName", "clusterProjectId", "dbRoleToExecute", "authentication", "bootstrapServers", "security", "config"],
  ...["networking", "aws", "azure", "gcp", "url", "headers", "schemaRegistryProvider", "schemaRegistryUrls"],
  ...["schemaRegistryAuthentication", "timeouts"],
];

/** Ways to log in to Kafka, in the words of Atlas. */
const mechanisms = ["PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER", "AWS_MSK_IAM"];

/** What Atlas asks of a connection by its type; the linter knows the rest. */
const needed: Readonly<Record<string, readonly string[]>> = {
  Cluster: ["dbRoleToExecute"],
  Kafka: ["authentication", "security"],
  S3: ["aws"],
  AWSKinesisDataStreams: ["aws"],
  AWSLambda: ["aws"],
  AzureBlobStorage: ["azure"],
  GCPPubSub: ["gcp"],
  SchemaRegistry: ["schemaRegistryProvider", "schemaRegistryUrls", "schemaRegistryAuthentication"],
};

/** Connections with their variables filled in, and everything that stands against making them. */
export function planConnections(
  { connections }: Pick<StreamProject, "connections">,
  variables: Variables,
): { connections: FilledConnection[]; problems: string[] } {
  const problems = notTexts(variables);
  const filled = connections.map((connection) => {
    const { connection: plan, missing } = fillConnection(connection.value, variables);
    const where = whereOf(connection);
    for (const name of missing)
      problems.push(
        `${where}: nobody says what \${${name}} is. Set ${name} in the environment, or slipway:streams.variables.${name}.`,
      );
    problems.push(
      ...unknownKeys(connection, where),
      ...missingKeys(connection, where),
      ...badMechanism(connection, where),
    );
    return plan;
  });
  return { connections: filled, problems };
}

const whereOf = ({ path, value, document, at }: Connection) =>
  `streams/${path}:${document.at(at).line}: connection ${value.name}`;

function unknownKeys({ value }: Connection, where: string): string[] {
  const strange = Object.keys(value).filter((key) => !["$schema", "name", "type", ...known].includes(key));
  return strange.map((key) => {
    const near = suggest(key, known);
    return `${where}: unknown key ${key}.${near === undefined ? " Remove it." : ` Did you mean ${near}?`}`;
  });
}

function missingKeys({ value }: Connection, where: string): string[] {
  const missing = (needed[value.type] ?? []).filter((key) => value[key] === undefined);
  return missing.map((key) => `${where}: ${key} is missing, which Atlas asks of a connection of type ${value.type}.`);
}

function badMechanism({ value }: Connection, where: string): string[] {
  const { mechanism } = (value["authentication"] ?? {}) as { mechanism?: unknown };
  if (mechanism === undefined || mechanisms.some((one) => one === mechanism)) return [];
  const given = JSON.stringify(mechanism);
  return [`${where}: authentication.mechanism is ${given}, expected one of ${mechanisms.join(", ")}.`];
}
