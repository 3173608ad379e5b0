import { alarmsIn } from "../alarms.ts";
import { Cloud, type StoredResource } from "../cloud/cloud.ts";
import { block } from "../types/build.ts";
import type { Properties } from "../types/type-spec.ts";
import type { Scope } from "./protocol.ts";

const types = {
  packageGroup: "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
  model: "aws:sagemaker/model:Model",
  endpointConfig: "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  endpoint: "aws:sagemaker/endpoint:Endpoint",
  application: "aws:codedeploy/application:Application",
  deploymentGroup: "aws:codedeploy/deploymentGroup:DeploymentGroup",
  deploymentConfig: "aws:codedeploy/deploymentConfig:DeploymentConfig",
} as const;

/** Properties that hold a resource's physical name. */
const nameProperties = {
  packageGroup: "modelPackageGroupName",
  model: "name",
  endpointConfig: "name",
  endpoint: "name",
  application: "name",
  deploymentGroup: "deploymentGroupName",
  deploymentConfig: "deploymentConfigName",
} as const;

export type RecordedKind = keyof typeof types;

/** A resource that Pulumi made. */
export interface Recorded {
  name: string;
  /** Its properties, in the provider's names. */
  properties: Properties;
  /** ISO time; another one under the same name is another resource. */
  createdAt: string;
}

/** The sandbox's record of resources, as the services look at it. Nothing is written. */
export class CloudRecord {
  readonly #cloud: Cloud;

  constructor(directory: string) {
    this.#cloud = new Cloud(directory);
  }

  list(kind: RecordedKind, { account, region }: Scope): Recorded[] {
    return this.#cloud.list({ account, region, type: types[kind] }).map((resource) => recordedOf(kind, resource));
  }

  find(kind: RecordedKind, scope: Scope, name: string): Recorded | undefined {
    return this.list(kind, scope).find((each) => each.name === name);
  }

  /** States of these alarms; one that does not exist is left out. */
  alarms({ account, region }: Scope, names: readonly string[]): { name: string; state: string }[] {
    return names.length === 0 ? [] : alarmsIn(this.#cloud, account, region, names);
  }

  close(): void {
    this.#cloud.close();
  }
}

function recordedOf(kind: RecordedKind, { id, inputs, outputs, createdAt }: StoredResource): Recorded {
  const properties = { ...inputs, ...outputs };
  const name = properties[nameProperties[kind]];
  return { name: typeof name === "string" ? name : id, properties, createdAt };
}

/** Names that are not just capitalised. */
const spelled: Readonly<Record<string, string>> = {
  memorySizeInMb: "MemorySizeInMB",
  volumeSizeInGb: "VolumeSizeInGB",
};
/** Maps whose keys are the user's own. */
const free = new Set(["environment", "tags", "tagsAll"]);

/** Properties of the provider as members of SageMaker's API: `modelDataUrl` becomes `ModelDataUrl`. */
export function apiForm(properties: Properties): Properties {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      spelled[name] ?? name.charAt(0).toUpperCase() + name.slice(1),
      free.has(name) ? value : apiValue(value),
    ]),
  );
}

function apiValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(apiValue);
  return typeof value === "object" && value !== null ? apiForm(block(value)) : value;
}
