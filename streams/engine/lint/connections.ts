import { type ConnectionUse, connectionsFor } from "../catalogue/connections.ts";
import type { Connection, StreamProject } from "../files/project.ts";
import { type Finding, findingAt } from "../finding.ts";
import type { JsonPath } from "../json/document.ts";
import { type ProjectRule, type Rule, type StageUse, type Subject, found, isDocument, member } from "./subject.ts";
import { didYouMean } from "./suggest.ts";

interface Reference {
  name: string;
  use: ConnectionUse;
  path: JsonPath;
}

/** Every place of a processor that names a connection. */
export function references({ uses, processor }: Pick<Subject, "uses" | "processor">): Reference[] {
  const dlq = processor.dlq;
  const queue: Reference[] =
    dlq === undefined ? [] : [{ name: dlq.connectionName, use: "dlq", path: ["options", "dlq", "connectionName"] }];
  return [...uses.flatMap(referencesOf), ...queue];
}

function referencesOf({ name, operand, path }: StageUse): Reference[] {
  const places: readonly [use: ConnectionUse, ...path: string[]][] = [
    [name as ConnectionUse, "connectionName"],
    [name as ConnectionUse, "from", "connectionName"],
    [name as ConnectionUse, "into", "connectionName"],
    ["registry", "schemaRegistry", "connectionName"],
  ];
  return places.flatMap(([use, ...keys]) => {
    const connection = member(operand, ...keys);
    return typeof connection === "string" && use in connectionsFor
      ? [{ name: connection, use, path: [...path, ...keys] }]
      : [];
  });
}

const exists: Rule = function* (subject) {
  for (const { name, use, path } of references(subject)) {
    const connection = subject.connections.get(name);
    if (connection === undefined) {
      const like = didYouMean(name, subject.connections.keys());
      yield found(subject, path, {
        ...{ rule: "connections/missing", message: `there is no connection ${JSON.stringify(name)}` },
        why: "Atlas refuses a processor whose connections the workspace has not",
        fix: like === undefined ? "declare it in connections/" : `did you mean ${like}?`,
      });
    } else if (!connectionsFor[use].includes(connection.value.type))
      yield found(subject, path, {
        ...{ rule: "connections/type", message: `${name} is ${connection.value.type}, which ${shown(use)} cannot use` },
        ...{
          why: "Atlas refuses the processor when it is created",
          fix: `name one of ${connectionsFor[use].join(", ")}`,
        },
      });
  }
};

const shown = (use: ConnectionUse) =>
  use === "dlq" ? "a dead letter queue" : use === "registry" ? "schemaRegistry" : use;

const twice: ProjectRule = function* ({ connections }) {
  const first = new Map<string, Connection>();
  for (const connection of connections) {
    const { name } = connection.value;
    const before = first.get(name);
    if (before === undefined) first.set(name, connection);
    else
      yield at(connection, ["name"], {
        ...{ rule: "connections/twice", message: `${JSON.stringify(name)} is declared twice, first in ${before.path}` },
        ...{ why: "a workspace has one connection of a name", fix: "remove one, or rename it" },
      });
  }
};

const required: Readonly<Record<string, readonly string[]>> = {
  Cluster: ["clusterName"],
  Https: ["url"],
  Kafka: ["bootstrapServers"],
};

const complete: ProjectRule = function* ({ connections }) {
  for (const connection of connections) {
    const { type, url, dbRoleToExecute } = connection.value;
    for (const name of required[type] ?? [])
      if (connection.value[name] === undefined)
        yield at(connection, [], {
          ...{ rule: "connections/incomplete", message: `a connection of type ${type} has no ${name}` },
          ...{ why: "Atlas cannot make it", fix: `add ${name}` },
        });
    if (type === "Https" && url !== undefined && !/^https:\/\//.test(url))
      yield at(connection, ["url"], {
        ...{ rule: "connections/url", message: "the url does not begin with https://" },
        ...{ why: "Atlas calls nothing in the clear", fix: "write https://" },
      });
    if (type === "Cluster" && (dbRoleToExecute === undefined || dbRoleToExecute.role === "atlasAdmin"))
      yield at(connection, dbRoleToExecute === undefined ? [] : ["dbRoleToExecute", "role"], {
        ...{ rule: "connections/admin", severity: "warning", message: "processors may do anything in this cluster" },
        why: "without dbRoleToExecute, or with atlasAdmin, a connection has every right",
        fix: 'add "dbRoleToExecute": {"role": "readWriteAnyDatabase", "type": "BUILT_IN"}, or a custom role',
      });
  }
};

const unused: ProjectRule = function* (project) {
  const used = new Set(project.processors.flatMap(({ pipeline, dlq }) => [...named([pipeline, dlq])]));
  // A processor that cannot be read may use any of them.
  if (project.findings.some(({ file, severity }) => severity === "error" && file.startsWith("processors/"))) return;
  for (const connection of project.connections)
    if (!used.has(connection.value.name) && connection.value.type !== "SchemaRegistry")
      yield at(connection, ["name"], {
        ...{ rule: "connections/unused", severity: "warning", message: `nothing uses ${connection.value.name}` },
        ...{ why: "it holds rights, and often a secret, for nobody", fix: "remove it" },
      });
};

/** Every `connectionName` below something. */
function* named(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const inside of value) yield* named(inside);
  else if (isDocument(value))
    for (const [key, inside] of Object.entries(value))
      if (key === "connectionName" && typeof inside === "string") yield inside;
      else yield* named(inside);
}

const at = (connection: Connection, path: JsonPath, what: Parameters<typeof findingAt>[2]): Finding =>
  findingAt(connection, [...connection.at, ...path], what);

export const connections: readonly Rule[] = [exists];
export const declaredConnections: readonly ProjectRule[] = [twice, complete, unused];

/** Connections by name; of those declared twice the first. */
export function connectionsByName({ connections }: StreamProject): Map<string, Connection> {
  const byName = new Map<string, Connection>();
  for (const connection of connections)
    if (!byName.has(connection.value.name)) byName.set(connection.value.name, connection);
  return byName;
}
