import { storedOf, type LiveHook, type Wanted } from "../live/hook.ts";
import { requireRemovable, type Existing } from "../operations/change.ts";
import { parseUrn, type Session } from "../operations/session.ts";
import type { Properties } from "../types/type-spec.ts";
import { hasUnknown } from "../unknown.ts";
import type { AtlasCore } from "./core.ts";
import { AtlasError, conflict } from "./protocol.ts";
import { connectionType, instanceType, processorType, workspaceType } from "../types/mongodbatlas/names.ts";
import { placeOf, processorBody, wantedOf } from "./record.ts";
import type { DocumentKind, Place } from "./state.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Folder of streams whose samples are read: that of the checkout, whichever release a program belongs to. */
export const streamsVariable = "SLIPWAY_SANDBOX_STREAMS";

/**
 * What the provider of Atlas does beside the record: processors start, stop and change in the same core that answers the API. It is loaded
 * by the first resource that needs it.
 */
export function atlasHook(environment: Environment): LiveHook {
  let core: Promise<AtlasCore> | undefined;
  const coreOf = (session: Session) => (core ??= openCore(session, environment));
  return {
    admit: async (session, wanted) => {
      const { type } = parseUrn(wanted.urn);
      const kind = kinds[type];
      if (wanted.preview || kind === undefined || hasUnknown(wanted.inputs)) return;
      await inAtlasWords(async () => requireOwn(await coreOf(session), kind, wanted.inputs));
      if (type === processorType) await inAtlasWords(async () => admitProcessor(await coreOf(session), wanted.inputs));
      if (type === connectionType) await inAtlasWords(async () => admitConnection(await coreOf(session), wanted));
    },
    ensure: async (session, existing) => {
      const stored = parseUrn(existing.urn).type === processorType ? storedOf(session, existing) : undefined;
      if (stored === undefined) return;
      const name = String(stored.inputs["processorName"]);
      await inAtlasWords(async () => (await coreOf(session)).settle(placeOf(stored.inputs), name));
    },
    remove: async (session, existing) => remove(session, existing, coreOf),
  };
}

const kinds: Readonly<Record<string, DocumentKind>> = {
  [workspaceType]: "workspace",
  [instanceType]: "workspace",
  [connectionType]: "connection",
  [processorType]: "processor",
};

/** What the API made already has its name for itself. @throws AtlasError 409 */
function requireOwn(core: AtlasCore, kind: DocumentKind, inputs: Properties): void {
  const { projectId, workspace } = placeOf(inputs);
  const place = { projectId, workspace: kind === "workspace" ? "" : workspace };
  const name = String({ workspace, connection: inputs["connectionName"], processor: inputs["processorName"] }[kind]);
  if (core.state.get(kind, place, name) === undefined) return;
  const code = { workspace: "TENANT", connection: "CONNECTION", processor: "PROCESSOR" }[kind];
  throw conflict(`STREAM_${code}_NAME_ALREADY_EXISTS`, `${name} exists already, made by the API.`, name);
}

async function openCore({ cloud }: Session, environment: Environment): Promise<AtlasCore> {
  const [{ AtlasCore }, { samplesOf }] = await Promise.all([import("./core.ts"), import("./samples.ts")]);
  return new AtlasCore({ cloud, samples: samplesOf(environment[streamsVariable] || "streams") });
}

function admitProcessor(core: AtlasCore, inputs: Properties): void {
  const place = placeOf(inputs);
  const name = String(inputs["processorName"]);
  const body = processorBody({ urn: "", createdAt: "", inputs });
  core.admission.admit(place, name, body);
  core.admission.tier(place, name, body, undefined);
  core.admission.change(place, name, JSON.parse(body.pipelineText) as unknown[], wantedOf({ inputs }).resume);
}

/** A connection that a running processor uses cannot be changed. */
async function admitConnection(core: AtlasCore, { inputs }: Wanted): Promise<void> {
  const place = placeOf(inputs);
  const name = String(inputs["connectionName"]);
  const recorded = core.records.connection(place, name)?.recorded;
  if (recorded === undefined || JSON.stringify(recorded.inputs) === JSON.stringify(inputs)) return;
  const { requireUnused } = await import("./connections.ts");
  requireUnused(core, place, name, "running");
}

async function remove(
  session: Session,
  existing: Existing,
  coreOf: (session: Session) => Promise<AtlasCore>,
): Promise<void> {
  const { type } = parseUrn(existing.urn);
  if (!Object.hasOwn(kinds, type)) return;
  const stored = storedOf(session, existing);
  if (stored === undefined) return;
  requireRemovable(session, stored);
  const [core, { requireEmpty }, { requireUnused }] = await Promise.all([
    coreOf(session),
    import("./workspaces.ts"),
    import("./connections.ts"),
  ]);
  const place: Place = placeOf(stored.inputs);
  await inAtlasWords(async () => {
    if (type === processorType) core.drop(place, String(stored.inputs["processorName"]));
    else if (type === connectionType) requireUnused(core, place, String(stored.inputs["connectionName"]), "any");
    else requireEmpty(core, place);
  });
}

/** An error as the provider of Atlas writes it into Pulumi's output. */
async function inAtlasWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AtlasError)
      throw new Error(`${error.status} ${error.code}: ${error.message}`, { cause: error });
    throw error;
  }
}
