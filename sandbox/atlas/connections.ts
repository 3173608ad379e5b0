import { text } from "../types/build.ts";
import { connectionsIn } from "./admission.ts";
import type { AtlasCore } from "./core.ts";
import { badRequest, conflict, documentOf, notFound } from "./protocol.ts";
import type { Known } from "./record.ts";
import { pageOf, placeOf, type Api, type Call, type Route } from "./routes.ts";
import type { ConnectionDocument, Place } from "./state.ts";
import { connectionView } from "./views.ts";
import { requireWorkspace, streamsPath } from "./workspaces.ts";

/** Calls about connections. */
export function connectionRoutes({ core, address }: Api): Route[] {
  const about = { kind: "connection" as const };
  const [many, one] = ["/streams/{tenant}/connections", "/streams/{tenant}/connections/{connection}"];
  const all = (call: Call) => {
    const place = placeOf(call);
    requireWorkspace(core, place);
    const views = core.records.connections(place).map(connectionView);
    return pageOf(views, call, `${address()}${streamsPath(place.projectId)}/${place.workspace}/connections`);
  };
  return [
    { ...about, method: "GET", path: many, operation: "read", answer: all },
    { ...about, method: "POST", path: many, operation: "create", answer: (call) => createConnection(core, call) },
    {
      ...about,
      method: "GET",
      path: one,
      operation: "read",
      answer: (call) => connectionView(connectionIn(core, call)),
    },
    { ...about, method: "PATCH", path: one, operation: "update", answer: (call) => changeConnection(core, call) },
    { ...about, method: "DELETE", path: one, operation: "delete", answer: (call) => removeConnection(core, call) },
  ];
}

function connectionIn(core: AtlasCore, call: Call): Known<ConnectionDocument> {
  const place = placeOf(call);
  requireWorkspace(core, place);
  const name = call.parts["connection"] ?? "";
  const found = core.records.connection(place, name);
  if (found !== undefined) return found;
  throw notFound("STREAM_CONNECTION_NOT_FOUND_FOR_NAME", `No stream connection with name ${name} exists.`, name);
}

function createConnection(core: AtlasCore, call: Call): unknown {
  const place = placeOf(call);
  const { value } = documentOf(call.body);
  const [name, type] = [text(value["name"]) ?? "", text(value["type"]) ?? ""];
  if (name === "" || type === "")
    throw badRequest("MISSING_ATTRIBUTE", `The required attribute ${name === "" ? "name" : "type"} was not specified.`);
  const body = { ...value, name, type };
  core.state.transaction(() => {
    requireWorkspace(core, place);
    if (core.records.connection(place, name) !== undefined)
      throw conflict(
        "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
        `A stream connection with name ${name} already exists.`,
        name,
      );
    core.state.put("connection", place, name, body);
    core.state.addEvent(place.projectId, "STREAM_TENANT_CONNECTION_CREATED", { ...place, connectionName: name });
  });
  return connectionView({ name, body });
}

function changeConnection(core: AtlasCore, call: Call): unknown {
  const place = placeOf(call);
  const { name: _, ...changes } = documentOf(call.body).value;
  core.state.transaction(() => {
    const { name, body, recorded } = connectionIn(core, call);
    requireUnused(core, place, name, "running");
    if (recorded === undefined) core.state.put("connection", place, name, { ...body, ...changes });
    else core.records.overwrite(recorded, changes);
    core.state.addEvent(place.projectId, "STREAM_TENANT_CONNECTION_UPDATED", { ...place, connectionName: name });
  });
  return connectionView(connectionIn(core, call));
}

function removeConnection(core: AtlasCore, call: Call): undefined {
  const place = placeOf(call);
  core.state.transaction(() => {
    const { name, recorded } = connectionIn(core, call);
    requireUnused(core, place, name, "any");
    if (recorded === undefined) core.state.remove("connection", place, name);
    else core.records.remove(recorded);
    core.state.addEvent(place.projectId, "STREAM_TENANT_CONNECTION_DELETED", { ...place, connectionName: name });
  });
}

/** @throws AtlasError 409 while processors use a connection: those that run, or any at all */
export function requireUnused(core: AtlasCore, place: Place, name: string, which: "running" | "any"): void {
  const users = core.records.processors(place).filter(({ name: processor, body }) => {
    const uses = body.dlq?.connectionName === name || connectionsIn(JSON.parse(body.pipelineText)).includes(name);
    return uses && (which === "any" || core.state.run(place, processor)?.run.state === "STARTED");
  });
  if (users.length === 0) return;
  const names = users.map((each) => each.name);
  throw conflict("STREAM_CONNECTION_HAS_STREAM_PROCESSORS", `${name} is used by ${names.join(", ")}.`, ...names);
}
