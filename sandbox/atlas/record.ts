import { createHash } from "node:crypto";

import { JsonDocument } from "../../streams/engine/json/document.ts";
import type { Cloud, StoredResource } from "../cloud/cloud.ts";
import { block, text } from "../types/build.ts";
import type { Properties } from "../types/type-spec.ts";
import { connectionType, instanceType, processorType, workspaceType } from "../types/mongodbatlas/names.ts";
import type { AtlasState, ConnectionDocument, Place, ProcessorDocument, WorkspaceDocument } from "./state.ts";

/** Something with its name, and the record of it where Pulumi made it. */
export interface Known<B> {
  name: string;
  body: B;
  recorded?: StoredResource | undefined;
}

/** A processor as Pulumi wants it. */
export interface Wanted {
  state: "CREATED" | "STARTED" | "STOPPED";
  /** False for one that leaves its checkpoint behind. */
  resume: boolean;
}

/** Workspaces, connections and processors of a sandbox, whoever made them. */
export class Records {
  readonly #cloud: Cloud;
  readonly #state: AtlasState;

  constructor(cloud: Cloud, state: AtlasState) {
    this.#cloud = cloud;
    this.#state = state;
  }

  workspaces(projectId: string): Known<WorkspaceDocument>[] {
    const recorded = [workspaceType, instanceType]
      .flatMap((type) => this.#cloud.list({ type }))
      .filter(({ inputs }) => inputs["projectId"] === projectId)
      .map((resource) => ({ name: workspaceOf(resource.inputs), body: workspaceBody(resource), recorded: resource }));
    return byName(recorded, this.#state.list("workspace", { projectId, workspace: "" }));
  }

  workspace({ projectId, workspace }: Place): Known<WorkspaceDocument> | undefined {
    return this.workspaces(projectId).find(({ name }) => name === workspace);
  }

  connections(place: Place): Known<ConnectionDocument>[] {
    const recorded = this.#recorded(connectionType, place).map((resource) => {
      const body = connectionBody(resource.inputs);
      return { name: body.name, body, recorded: resource };
    });
    return byName(recorded, this.#state.list("connection", place));
  }

  connection(place: Place, name: string): Known<ConnectionDocument> | undefined {
    return this.connections(place).find((each) => each.name === name);
  }

  processors(place: Place): Known<ProcessorDocument>[] {
    const recorded = this.#recorded(processorType, place).map((resource) => ({
      name: String(resource.inputs["processorName"]),
      body: processorBody(resource),
      recorded: resource,
    }));
    return byName(recorded, this.#state.list("processor", place));
  }

  processor(place: Place, name: string): Known<ProcessorDocument> | undefined {
    return this.processors(place).find((each) => each.name === name);
  }

  /** Writes a change of what Pulumi made that Pulumi did not make: the next refresh sees it. */
  overwrite(resource: StoredResource, changes: Properties): void {
    const current = this.#cloud.get(resource);
    if (current === undefined) return;
    const asked = Object.entries(changes).filter(([key]) => key in current.inputs);
    const inputs = { ...current.inputs, ...Object.fromEntries(asked) };
    this.#cloud.overwrite(resource, inputs, { ...current.outputs, ...changes });
  }

  /** Writes the state of a processor that Pulumi made, where it is another than the record has. */
  showState(resource: StoredResource, state: string): void {
    if (this.#cloud.get(resource)?.outputs["state"] !== state) this.overwrite(resource, { state });
  }

  remove(resource: StoredResource): void {
    this.#cloud.remove(resource);
  }

  #recorded(type: string, { projectId, workspace }: Place): StoredResource[] {
    return this.#cloud
      .list({ type })
      .filter(({ inputs }) => inputs["projectId"] === projectId && workspaceOf(inputs) === workspace);
  }
}

function byName<B>(recorded: Known<B>[], made: Known<B>[]): Known<B>[] {
  const all = new Map([...made, ...recorded].map((each) => [each.name, each]));
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The workspace of a resource, whichever of its two names the argument goes by. */
export const workspaceOf = (inputs: Properties): string => String(inputs["workspaceName"] ?? inputs["instanceName"]);

/** The place of a resource. */
export const placeOf = (inputs: Properties): Place => ({
  projectId: String(inputs["projectId"]),
  workspace: workspaceOf(inputs),
});

/** An identifier as MongoDB has them, always the same for the same words. */
export const objectId = (...words: string[]): string =>
  createHash("sha256").update(words.join("\n")).digest("hex").slice(0, 24);

function workspaceBody({ id, inputs }: StoredResource): WorkspaceDocument {
  const { cloudProvider, region } = block(inputs["dataProcessRegion"]);
  return {
    id: /^[0-9a-f]{24}$/.test(id) ? id : objectId(id),
    dataProcessRegion: { cloudProvider: String(cloudProvider), region: String(region) },
    streamConfig: block(inputs["streamConfig"]),
  };
}

/** Inputs of the provider that are no members of a connection. */
const around = new Set(["projectId", "workspaceName", "instanceName", "connectionName", "timeouts"]);

function connectionBody(inputs: Properties): ConnectionDocument {
  const members = Object.entries(inputs).filter(([key]) => !around.has(key));
  return { ...Object.fromEntries(members), name: String(inputs["connectionName"]), type: String(inputs["type"]) };
}

/** The definition of a processor out of the provider's inputs. */
export function processorBody({
  urn,
  createdAt,
  inputs,
}: Pick<StoredResource, "urn" | "createdAt" | "inputs">): ProcessorDocument {
  const options = block(inputs["options"]);
  return {
    id: objectId(urn, createdAt),
    pipelineText: new JsonDocument(String(inputs["pipeline"])).source() ?? "[]",
    dlq: options["dlq"] as ProcessorDocument["dlq"],
    autoscaling: options["autoscaling"] as ProcessorDocument["autoscaling"],
    tier: text(inputs["tier"]),
    failoverEnabled: inputs["failoverEnabled"] as boolean | undefined,
  };
}

/** What Pulumi wants of a processor beside its definition. */
export function wantedOf({ inputs }: Pick<StoredResource, "inputs">): Wanted {
  const state = text(inputs["state"]) ?? "CREATED";
  const resume = block(inputs["options"])["resumeFromCheckpoint"] !== false;
  return { state: state as Wanted["state"], resume };
}
