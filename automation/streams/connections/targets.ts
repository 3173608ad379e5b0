import { isIP } from "node:net";
import { fillConnection, valueOf, type Variables } from "../../../config/streams-variables.ts";
import type { ConnectionDocument } from "../../../streams/engine/files/documents.ts";

/** One address that a connection leads to. */
export interface Endpoint {
  host: string;
  port: number;
  /** Whether it is spoken to through TLS, and whose certificates count beside the public ones where the connection names them. */
  tls: { ca?: string } | undefined;
  /** What people may see of it: what came out of the environment stays hidden behind its variable. */
  label: string;
}

/** What a connection leads to, or why that is nobody's business but that of Atlas, or unknown. */
export interface Target {
  name: string;
  type: ConnectionDocument["type"];
  reach: "public" | "atlas" | "unknown";
  /** Why there is nothing to try. */
  why: string | undefined;
  endpoints: readonly Endpoint[];
}

/** Connections that no address of a file leads to. */
const insideAtlas: Readonly<Partial<Record<ConnectionDocument["type"], string>>> = {
  Cluster: "a cluster is connected inside of Atlas",
  Sample: "the sample is inside of Atlas",
  S3: "Atlas takes on a role in AWS for it",
  AWSKinesisDataStreams: "Atlas takes on a role in AWS for it",
  AWSLambda: "Atlas takes on a role in AWS for it",
  AzureBlobStorage: "Atlas has an identity in Azure for it",
  GCPPubSub: "Atlas has an identity in Google Cloud for it",
};

/** What stands in a connection's address and is no address. */
class NoAddress extends Error {}

/** What could be tried of a connection from here. */
export function targetOf(connection: ConnectionDocument, variables: Variables): Target {
  const { name, type } = connection;
  const head = { name, type, endpoints: [] };
  const inside = insideAtlas[type];
  if (inside !== undefined) return { ...head, reach: "atlas", why: inside };
  const { networking, security, url, bootstrapServers, schemaRegistryUrls } = connection;
  // No more than what leads there: passwords and tokens are not looked at.
  const address = { name, type, networking, security, url, bootstrapServers, schemaRegistryUrls };
  const { connection: filled, missing } = fillConnection(address, variables);
  const network = text(record(record(filled.value["networking"])["access"])["type"]) ?? "PUBLIC";
  if (network !== "PUBLIC")
    return { ...head, reach: "atlas", why: `its network is ${network}: only reachable from Atlas` };
  if (missing.length > 0) return { ...head, reach: "unknown", why: `nobody says what ${listed(missing)} is` };
  try {
    const hidden = (template: unknown) => hiddenBehind(template, variables);
    return { ...head, reach: "public", why: undefined, endpoints: endpointsOf(connection, filled.value, hidden) };
  } catch (error) {
    if (!(error instanceof NoAddress)) throw error;
    return { ...head, reach: "unknown", why: error.message };
  }
}

const record = (value: unknown) =>
  (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const listed = (names: readonly string[]) => names.map((name) => `\${${name}}`).join(", ");

/** The variables of a text whose values come from the environment; what a stack file says in the clear is no secret. */
function hiddenBehind(template: unknown, { settings }: Variables): string | undefined {
  const names = [...String(template).matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => name);
  const fromElsewhere = names.filter((name) => valueOf({ settings, environment: {} }, name) === undefined);
  return fromElsewhere.length === 0 ? undefined : listed(fromElsewhere);
}

type Hidden = (template: unknown) => string | undefined;

function endpointsOf(given: ConnectionDocument, filled: ConnectionDocument, hidden: Hidden): Endpoint[] {
  if (filled.type === "Kafka") return brokersOf(filled, hidden(given.bootstrapServers));
  if (filled.type === "Https") return [endpointOfUrl("url", filled.url, hidden(given.url))];
  const [urls, templates] = [filled["schemaRegistryUrls"], given["schemaRegistryUrls"]].map((value) =>
    Array.isArray(value) ? (value as unknown[]) : [],
  );
  if (urls === undefined || urls.length === 0) throw new NoAddress("schemaRegistryUrls is missing");
  return urls.map((url, index) => endpointOfUrl("schemaRegistryUrls", url, hidden(templates?.[index])));
}

function brokersOf(
  { bootstrapServers = "", ...connection }: ConnectionDocument,
  hidden: string | undefined,
): Endpoint[] {
  const { protocol, brokerPublicCertificate } = record(connection["security"]);
  const ca = text(brokerPublicCertificate);
  const tls = String(protocol).endsWith("SSL") ? { ...(ca === undefined ? {} : { ca }) } : undefined;
  const servers = bootstrapServers.split(",").map((server) => server.trim());
  return servers.map((server, index) => {
    const label = hidden === undefined ? server : `${hidden}, server ${index + 1}`;
    const [, inBrackets, name, port = ""] = /^(?:\[([\da-fA-F:]+)\]|([\w.-]+)):(\d{1,5})$/.exec(server) ?? [];
    const host = inBrackets ?? name;
    if (host === undefined || !isPort(Number(port)))
      throw new NoAddress(
        `bootstrapServers: got ${hidden === undefined ? JSON.stringify(server) : label}, expected host:port`,
      );
    return { host, port: Number(port), tls, label };
  });
}

function endpointOfUrl(key: string, value: unknown, hidden: string | undefined): Endpoint {
  const url = URL.canParse(String(value)) ? new URL(String(value)) : undefined;
  // A url may carry a password, so that nothing of it is repeated but host and port.
  if (url === undefined || !["https:", "http:"].includes(url.protocol) || url.hostname === "")
    throw new NoAddress(`${key}: expected an address that begins with https://`);
  const tls = url.protocol === "https:" ? {} : undefined;
  const port = url.port === "" ? (tls === undefined ? 80 : 443) : Number(url.port);
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  const shown = isIP(host) === 6 ? `[${host}]` : host;
  return { host, port, tls, label: hidden ?? `${shown}:${port}` };
}

const isPort = (port: number) => port > 0 && port < 65_536;
