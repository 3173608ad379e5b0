import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import type { JsonDocument } from "../../../streams/engine/json/document.ts";
import { Api } from "./api.ts";
import { jsonObject } from "./body.ts";
import { AtlasError } from "./errors.ts";
import { atlasHttp } from "./http.ts";
import { connectionOf, documentOf, eventOf, processorOf, workspaceOf } from "./read.ts";
import { secretsIn } from "./secrets.ts";
import type {
  AtlasOptions,
  AtlasProcessor,
  AtlasStreams,
  EventQuery,
  NewProcessor,
  ProcessorChange,
  StartOptions,
} from "./types.ts";

/** Parts of the API came with later versions of it. */
const startWithVersion = "2025-03-12";

/** The stream processing of one workspace. Nothing is sent before the first call. */
export function atlasStreams(options: AtlasOptions): AtlasStreams {
  const { place } = options;
  const http = atlasHttp(options);
  const api = new Api(http, place.projectId, place.workspace);
  return {
    ...{ place, address: http.address },
    ...readCalls(api),
    ...definitionCalls(api),
    ...runCalls(api),
    ...surroundingCalls(api),
  };
}

function readCalls(api: Api): Pick<AtlasStreams, "workspace" | "connections" | "processors" | "processor"> {
  return {
    workspace: () => api.find(api.below(), workspaceOf),
    connections: () => api.all(api.below("connections"), connectionOf),
    processors: () => api.all(api.below("processors"), processorOf),
    processor: (name) => api.find(api.processor(name), (document) => processorOf(document)),
  };
}

/** `options` in the words of the API, as members of a body. */
const dlqText = ({ dlq }: Pick<NewProcessor, "dlq">) => (dlq === undefined ? undefined : JSON.stringify({ dlq }));

const pipelineOf = ({ pipeline, text }: Pick<ProcessorChange, "pipeline" | "text">) =>
  text ?? (pipeline === undefined ? undefined : JSON.stringify(pipeline));

function definitionCalls(api: Api): Pick<AtlasStreams, "createProcessor" | "modifyProcessor" | "deleteProcessor"> {
  const read = (name: string) => api.find(api.processor(name), (document) => processorOf(document));
  return {
    createProcessor: (wanted) => create(api, wanted, read),
    modifyProcessor: (name, change) => {
      const { tier, failoverEnabled, resumeFromCheckpoint } = change;
      const { dlq } = change;
      const options =
        dlq === undefined && resumeFromCheckpoint === undefined ? undefined : { dlq, resumeFromCheckpoint };
      const body = jsonObject({
        ...{ name: JSON.stringify(name), pipeline: pipelineOf(change), options: options && JSON.stringify(options) },
        ...{
          tier: tier && JSON.stringify(tier),
          failoverEnabled: failoverEnabled === undefined ? undefined : String(failoverEnabled),
        },
      });
      return api.read({ method: "PATCH", path: api.processor(name), body }, (document) => processorOf(document));
    },
    deleteProcessor: async (name) => {
      try {
        await api.send({ method: "DELETE", path: api.processor(name) });
      } catch (error) {
        if (!(error instanceof AtlasError && error.status === 404)) throw error;
      }
    },
  };
}

/** Makes a processor once, however often it has to be asked for. */
async function create(
  api: Api,
  wanted: NewProcessor,
  read: (name: string) => Promise<AtlasProcessor | undefined>,
): Promise<AtlasProcessor> {
  const { name, tier, failoverEnabled } = wanted;
  const pipeline = pipelineOf(wanted) ?? "[]";
  const body = jsonObject({
    ...{ name: JSON.stringify(name), pipeline, options: dlqText(wanted), tier: tier && JSON.stringify(tier) },
    failoverEnabled: failoverEnabled === undefined ? undefined : String(failoverEnabled),
  });
  const same = (there: AtlasProcessor | undefined): there is AtlasProcessor =>
    there !== undefined && isSame(there, pipeline, wanted);
  const wasTaken = async () => same(await read(name));
  try {
    const answer = await api.send({ method: "POST", path: api.below("processor"), body, wasTaken });
    if (answer.text !== "") return processorOf(documentOf(answer.text));
  } catch (error) {
    // After an attempt that may have been taken, a conflict with the very same processor is that attempt.
    if (!(error instanceof AtlasError && error.status === 409 && error.repeated)) throw error;
    const there = await read(name);
    if (!same(there)) throw error;
    return there;
  }
  const there = await read(name);
  if (there === undefined) throw new Error(`${name} was made and is not there`);
  return there;
}

const isSame = (there: AtlasProcessor, pipeline: string, { dlq }: NewProcessor) =>
  definitionDigest({ pipelineText: there.text, dlq: there.dlq }) ===
  definitionDigest({ pipelineText: compact(pipeline), dlq });

const compact = (text: string) => documentOf(text).source() ?? text;

/** States in which a start or a stop needs nothing more. */
const starting: ReadonlySet<string> = new Set(["STARTED", "PROVISIONING", "INIT"]);
const stopping: ReadonlySet<string> = new Set(["STOPPED", "STOPPING"]);

function runCalls(api: Api): Pick<AtlasStreams, "startProcessor" | "stopProcessor"> {
  const isIn = (name: string, states: ReadonlySet<string>) => async () => {
    const there = await api.find(api.processor(name), (document) => processorOf(document));
    return there !== undefined && states.has(there.state);
  };
  return {
    startProcessor: async (name, options = {}) => {
      const wasTaken = isIn(name, starting);
      const body = startBody(options);
      const path = api.processor(name, body === undefined ? ":start" : ":startWith");
      const version = body === undefined ? {} : { body, version: startWithVersion };
      await api.send({ method: "POST", path, wasTaken, ...version });
    },
    stopProcessor: async (name) => {
      await api.send({ method: "POST", path: api.processor(name, ":stop"), wasTaken: isIn(name, stopping) });
    },
  };
}

function startBody({
  tier,
  resumeFromCheckpoint,
  startAtOperationTime,
  autoscaling,
}: StartOptions): string | undefined {
  const body = { tier, resumeFromCheckpoint, startAtOperationTime, autoscaling };
  return Object.values(body).every((value) => value === undefined) ? undefined : JSON.stringify(body);
}

function surroundingCalls(
  api: Api,
): Pick<AtlasStreams, "createWorkspace" | "createConnection" | "updateConnection" | "auditEvents"> {
  return {
    createWorkspace: async ({ provider, region, tier, maxTier }) => {
      const streamConfig = tier === undefined && maxTier === undefined ? undefined : { tier, maxTierSize: maxTier };
      const dataProcessRegion = { cloudProvider: provider, region };
      const body = JSON.stringify({ name: api.name, dataProcessRegion, streamConfig });
      const wasTaken = async () => (await api.find(api.below(), workspaceOf)) !== undefined;
      await api.send({ method: "POST", path: `${api.project}/streams`, body, wasTaken });
    },
    createConnection: async (connection) => {
      const path = api.below("connections");
      const reader = (document: JsonDocument) => connectionOf(document, []);
      const wasTaken = async () => (await api.find(api.below("connections", connection.name), reader)) !== undefined;
      await api.send({
        method: "POST",
        path,
        body: JSON.stringify(connection),
        wasTaken,
        hidden: secretsIn(connection),
      });
    },
    updateConnection: async (name, connection) => {
      const body = JSON.stringify(connection);
      await api.send({ method: "PATCH", path: api.below("connections", name), body, hidden: secretsIn(connection) });
    },
    auditEvents: (query) => api.all(`${api.project}/events`, eventOf, eventQuery(query)),
  };
}

function eventQuery({ since, types = [] }: EventQuery = {}): Record<string, string> {
  return {
    ...(since === undefined ? {} : { minDate: since }),
    ...(types.length === 0 ? {} : { eventType: types.join(",") }),
    includeRaw: "false",
  };
}
