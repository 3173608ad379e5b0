import { deadLetterQueueSchema } from "../../streams/engine/files/documents.ts";
import type { Properties } from "../types/type-spec.ts";
import { block, text } from "../types/build.ts";
import { knownTier, stagesOf } from "./admission.ts";
import type { AtlasCore } from "./core.ts";
import { badRequest, conflict, documentOf } from "./protocol.ts";
import { objectId } from "./record.ts";
import { operationTime } from "./runners.ts";
import { pageOf, placeOf, type Api, type Call, type Route } from "./routes.ts";
import type { Place, ProcessorDocument } from "./state.ts";
import { processorView } from "./views.ts";
import { requireWorkspace, streamsPath } from "./workspaces.ts";

/** Since when `:startWith` is there. */
const startWithVersion = "2025-03-12";

/** Calls about stream processors. */
export function processorRoutes(api: Api): Route[] {
  const { core } = api;
  const at = "/streams/{tenant}/processor";
  const one = `${at}/{processor}`;
  const route = (method: string, path: string, operation: Route["operation"], answer: Route["answer"]): Route => ({
    ...{ kind: "processor", method, path, operation, answer },
  });
  return [
    route("GET", `${at}s`, "read", (call) => list(api, call)),
    route("POST", at, "create", (call) => create(api, call)),
    route("GET", one, "read", (call) => shown(api, placeOf(call), nameOf(call))),
    route("PATCH", one, "update", (call) => modify(api, call)),
    route("DELETE", one, "delete", (call) => remove(core, call)),
    route("POST", `${one}:start`, "update", (call) => start(core, call, {})),
    route("POST", `${one}:startWith`, "update", (call) => startWith(core, call)),
    route("POST", `${one}:stop`, "update", (call) => stop(core, call)),
  ];
}

const nameOf = ({ parts }: Call): string => parts["processor"] ?? "";

async function shown({ core }: Api, place: Place, name: string): Promise<unknown> {
  requireWorkspace(core, place);
  return processorView(await core.look(place, name), core.now());
}

async function list({ core, address }: Api, call: Call): Promise<unknown> {
  const place = placeOf(call);
  requireWorkspace(core, place);
  const all = await core.lookAtAll(place);
  const views = all.map((each) => processorView(each, core.now()));
  return pageOf(views, call, `${address()}${streamsPath(place.projectId)}/${place.workspace}/processors`);
}

const namePattern = /^[A-Za-z0-9_-]{1,64}$/;

async function create(api: Api, call: Call): Promise<unknown> {
  const { core } = api;
  const place = placeOf(call);
  requireWorkspace(core, place);
  const document = documentOf(call.body);
  const name = text(document.value["name"]) ?? "";
  if (!namePattern.test(name))
    throw badRequest(
      "INVALID_ATTRIBUTE",
      `Invalid attribute name: ${JSON.stringify(name)} is not 1 to 64 letters, digits, _ and -.`,
      "name",
    );
  const body: ProcessorDocument = {
    id: objectId(place.projectId, place.workspace, name, String(core.now()), String(Math.random())),
    pipelineText: pipelineOf(document.source(["pipeline"])),
    ...definitionOf(document.value, {}),
  };
  core.state.transaction(() => {
    if (core.records.processor(place, name) !== undefined)
      throw conflict(
        "STREAM_PROCESSOR_NAME_ALREADY_EXISTS",
        `A stream processor with name ${name} already exists.`,
        name,
      );
    core.admission.admit(place, name, body);
    core.admission.tier(place, name, body, knownTier(body.tier));
    core.drop(place, name);
    core.state.put("processor", place, name, body);
    core.state.addEvent(place.projectId, "STREAM_PROCESSOR_CREATED", { ...place, processorName: name });
  });
  return shown(api, place, name);
}

/** @throws AtlasError 400 */
function pipelineOf(source: string | undefined): string {
  if (source !== undefined && source.startsWith("[{")) return source;
  throw badRequest("INVALID_ATTRIBUTE", "Invalid attribute pipeline: it has to be a list of stages.", "pipeline");
}

/** Members of a definition beside the pipeline; what is not given stays as it was. @throws AtlasError 400 */
function definitionOf(members: Properties, before: Partial<ProcessorDocument>): Partial<ProcessorDocument> {
  const { dlq } = block(members["options"]);
  const queue = dlq === undefined ? undefined : deadLetterQueueSchema.safeParse(dlq);
  if (queue?.success === false)
    throw badRequest(
      "INVALID_ATTRIBUTE",
      "Invalid attribute options.dlq: it has connectionName, db and coll.",
      "options.dlq",
    );
  const { tier, failoverEnabled } = members;
  if (tier !== undefined && knownTier(tier) === undefined)
    throw badRequest(
      "INVALID_ENUM_VALUE",
      `An invalid enumeration value ${JSON.stringify(tier)} was specified for tier.`,
      "tier",
    );
  return {
    dlq: queue?.data ?? before.dlq,
    tier: knownTier(tier) ?? before.tier,
    failoverEnabled: typeof failoverEnabled === "boolean" ? failoverEnabled : before.failoverEnabled,
  };
}

async function modify(api: Api, call: Call): Promise<unknown> {
  const { core } = api;
  const [place, name] = [placeOf(call), nameOf(call)];
  requireWorkspace(core, place);
  const document = documentOf(call.body);
  const { value } = document;
  if (value["name"] !== undefined && value["name"] !== name)
    throw badRequest("INVALID_ATTRIBUTE", `Invalid attribute name: the sandbox renames no processors.`, "name");
  const seen = await core.look(place, name);
  if (seen.run?.state === "STARTED")
    throw conflict("STREAM_PROCESSOR_MUST_BE_STOPPED", `${name} is running; stop it before it is modified.`, name);
  const text = value["pipeline"] === undefined ? seen.body.pipelineText : pipelineOf(document.source(["pipeline"]));
  const body: ProcessorDocument = { ...seen.body, ...definitionOf(value, seen.body), pipelineText: text };
  const resume = block(value["options"])["resumeFromCheckpoint"] !== false;
  core.admission.admit(place, name, body);
  core.admission.change(place, name, stagesOf(body), resume);
  core.admission.tier(place, name, body, knownTier(body.tier));
  core.state.transaction(() => {
    core.redefine(place, name, body);
    core.state.addEvent(place.projectId, "STREAM_PROCESSOR_MODIFIED", { ...place, processorName: name });
  });
  if (!resume) await core.leaveCheckpoint(place, name);
  return shown(api, place, name);
}

async function remove(core: AtlasCore, call: Call): Promise<undefined> {
  const [place, name] = [placeOf(call), nameOf(call)];
  requireWorkspace(core, place);
  core.state.transaction(() => {
    const { recorded } = core.find(place, name);
    if (recorded === undefined) core.state.remove("processor", place, name);
    else core.records.remove(recorded);
    core.drop(place, name);
    core.state.addEvent(place.projectId, "STREAM_PROCESSOR_DELETED", { ...place, processorName: name });
  });
}

async function startWith(core: AtlasCore, call: Call): Promise<unknown> {
  if (call.version !== "" && call.version < startWithVersion)
    throw badRequest(
      "INVALID_VERSION",
      `:startWith is part of the API since ${startWithVersion}, not of ${call.version}.`,
    );
  return start(core, call, documentOf(call.body).value);
}

async function start(core: AtlasCore, call: Call, members: Properties): Promise<unknown> {
  const [place, name] = [placeOf(call), nameOf(call)];
  requireWorkspace(core, place);
  const { tier, resumeFromCheckpoint, startAtOperationTime, autoscaling } = members;
  if (tier !== undefined && knownTier(tier) === undefined)
    throw badRequest(
      "INVALID_ENUM_VALUE",
      `An invalid enumeration value ${JSON.stringify(tier)} was specified for tier.`,
      "tier",
    );
  const startAt = operationTime(startAtOperationTime);
  if (startAtOperationTime !== undefined && startAt === undefined)
    throw badRequest(
      "INVALID_ATTRIBUTE",
      "Invalid attribute startAtOperationTime: it is no time.",
      "startAtOperationTime",
    );
  await core.start(place, name, { tier: knownTier(tier), resume: resumeFromCheckpoint !== false, startAt });
  if (autoscaling !== undefined) core.scale(place, name, block(autoscaling));
  core.state.addEvent(place.projectId, "STREAM_PROCESSOR_STARTED", { ...place, processorName: name });
  return {};
}

async function stop(core: AtlasCore, call: Call): Promise<unknown> {
  const [place, name] = [placeOf(call), nameOf(call)];
  requireWorkspace(core, place);
  await core.stop(place, name);
  core.state.addEvent(place.projectId, "STREAM_PROCESSOR_STOPPED", { ...place, processorName: name });
  return {};
}
