import { block, text } from "../types/build.ts";
import { knownTier } from "./admission.ts";
import type { AtlasCore } from "./core.ts";
import { badRequest, conflict, documentOf, notFound } from "./protocol.ts";
import { objectId, type Known } from "./record.ts";
import { pageOf, placeOf, type Api, type Call, type Route } from "./routes.ts";
import type { Place, WorkspaceDocument } from "./state.ts";
import { workspaceView } from "./views.ts";

export const streamsPath = (projectId: string): string => `/api/atlas/v2/groups/${projectId}/streams`;

/** @throws AtlasError 404 */
export function requireWorkspace(core: AtlasCore, place: Place): Known<WorkspaceDocument> {
  const found = core.records.workspace(place);
  if (found !== undefined) return found;
  const detail = `No stream workspace with name ${place.workspace} exists in project ${place.projectId}.`;
  throw notFound("STREAM_TENANT_NOT_FOUND_FOR_NAME", detail, place.workspace);
}

/** Calls about workspaces, and a project's activity. */
export function workspaceRoutes(api: Api): Route[] {
  const { core, address } = api;
  const about = { kind: "workspace" as const };
  const view = (call: Call) => workspaceView(call.projectId, requireWorkspace(core, placeOf(call)));
  const all = (call: Call) =>
    pageOf(
      core.records.workspaces(call.projectId).map((each) => workspaceView(call.projectId, each)),
      call,
      `${address()}${streamsPath(call.projectId)}`,
    );
  const events = (call: Call) =>
    pageOf(eventsOf(core, call), call, `${address()}/api/atlas/v2/groups/${call.projectId}/events`);
  return [
    { ...about, method: "GET", path: "/streams", operation: "read", answer: all },
    { ...about, method: "POST", path: "/streams", operation: "create", answer: (call) => createWorkspace(core, call) },
    { ...about, method: "GET", path: "/streams/{tenant}", operation: "read", answer: view },
    {
      ...about,
      method: "PATCH",
      path: "/streams/{tenant}",
      operation: "update",
      answer: (call) => changeWorkspace(core, call),
    },
    {
      ...about,
      method: "DELETE",
      path: "/streams/{tenant}",
      operation: "delete",
      answer: (call) => removeWorkspace(core, call),
    },
    { kind: "event", method: "GET", path: "/events", operation: "read", answer: events },
  ];
}

const inProject = (projectId: string): Place => ({ projectId, workspace: "" });

function createWorkspace(core: AtlasCore, call: Call): unknown {
  const { projectId } = call;
  const { value } = documentOf(call.body);
  const name = text(value["name"]) ?? "";
  if (!/^[A-Za-z0-9-]{1,64}$/.test(name))
    throw badRequest(
      "INVALID_ATTRIBUTE",
      `Invalid attribute name: ${JSON.stringify(name)} is not 1 to 64 letters, digits and -.`,
      "name",
    );
  const { cloudProvider, region } = block(value["dataProcessRegion"]);
  if (typeof cloudProvider !== "string" || typeof region !== "string")
    throw badRequest(
      "MISSING_ATTRIBUTE",
      "The required attribute dataProcessRegion was not specified.",
      "dataProcessRegion",
    );
  const body = {
    id: objectId(projectId, name, String(core.now())),
    dataProcessRegion: { cloudProvider, region },
    streamConfig: streamConfig(block(value["streamConfig"])),
  };
  core.state.transaction(() => {
    if (core.records.workspace({ projectId, workspace: name }) !== undefined)
      throw conflict("STREAM_TENANT_NAME_ALREADY_EXISTS", `A stream workspace with name ${name} already exists.`, name);
    core.state.put("workspace", inProject(projectId), name, body);
    core.state.addEvent(projectId, "STREAM_TENANT_CREATED", { workspace: name });
  });
  return workspaceView(projectId, { name, body });
}

function streamConfig(given: Record<string, unknown>): Record<string, unknown> {
  for (const key of ["tier", "maxTierSize"])
    if (given[key] !== undefined && knownTier(given[key]) === undefined)
      throw badRequest(
        "INVALID_ENUM_VALUE",
        `An invalid enumeration value ${JSON.stringify(given[key])} was specified for ${key}.`,
        key,
      );
  return given;
}

function changeWorkspace(core: AtlasCore, call: Call): unknown {
  const place = placeOf(call);
  const { value } = documentOf(call.body);
  const unknown = Object.keys(value).find((key) => !["name", "streamConfig", "dataProcessRegion"].includes(key));
  if (unknown !== undefined)
    throw badRequest("INVALID_ATTRIBUTE", `The sandbox does not change ${unknown} of a workspace.`, unknown);
  core.state.transaction(() => {
    const { name, body, recorded } = requireWorkspace(core, place);
    const config = { ...body.streamConfig, ...streamConfig(block(value["streamConfig"])) };
    const region = { ...body.dataProcessRegion, ...block(value["dataProcessRegion"]) };
    const changes = { streamConfig: config, dataProcessRegion: region };
    if (recorded === undefined) core.state.put("workspace", inProject(place.projectId), name, { ...body, ...changes });
    else core.records.overwrite(recorded, changes);
    core.state.addEvent(place.projectId, "STREAM_TENANT_UPDATED", { workspace: name });
  });
  return workspaceView(place.projectId, requireWorkspace(core, place));
}

function removeWorkspace(core: AtlasCore, call: Call): undefined {
  const place = placeOf(call);
  core.state.transaction(() => {
    const { name, recorded } = requireWorkspace(core, place);
    requireEmpty(core, place);
    for (const each of core.records.connections(place)) {
      if (each.recorded === undefined) core.state.remove("connection", place, each.name);
      else core.records.remove(each.recorded);
    }
    if (recorded === undefined) core.state.remove("workspace", inProject(place.projectId), name);
    else core.records.remove(recorded);
    core.state.addEvent(place.projectId, "STREAM_TENANT_DELETED", { workspace: name });
  });
}

/** @throws AtlasError 409 while there are processors */
export function requireEmpty(core: AtlasCore, place: Place, made: "all" | "api" = "all"): void {
  const all = core.records.processors(place).filter(({ recorded }) => made === "all" || recorded === undefined);
  if (all.length === 0) return;
  const names = all.map(({ name }) => name);
  throw conflict(
    "STREAM_TENANT_HAS_STREAM_PROCESSORS",
    `${place.workspace} has stream processors: ${names.join(", ")}.`,
    ...names,
  );
}

function eventsOf(core: AtlasCore, { projectId, query }: Call): unknown[] {
  const types = query.getAll("eventType").flatMap((each) => each.split(","));
  const since = query.get("minDate");
  return core.state
    .events(projectId)
    .filter(({ type, at }) => (types.length === 0 || types.includes(type)) && (since === null || at >= since))
    .map(({ id, type, at, body }) => ({
      id: objectId(projectId, String(id)),
      ...{ eventTypeName: type, created: at, groupId: projectId, username: "sandbox", ...body },
    }));
}
