import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { Cloud, type Address, type StoredResource } from "./cloud/cloud.ts";
import { recordEvent } from "./cloud/events.ts";
import { parseUrn } from "./operations/session.ts";
import { valueAt, withValueAt } from "./types/path.ts";

/** Which resource to tamper with: any of these that are given must match, and exactly one resource may remain. */
export interface DriftTarget {
  /** Physical id, URN or logical name. */
  resource: string;
  type?: string;
  account?: string;
}

/**
 * Changes one property in the cloud behind the engine's back; `undefined` takes it away.
 *
 * @param path Dotted path of the property, e.g. `tags.owner`.
 * @throws SlipwayError when the target is no or more than one resource.
 */
export function driftProperty(directory: string, target: DriftTarget, path: string, value: unknown): StoredResource {
  return inCloud(directory, (cloud) => {
    const found = findOne(cloud, target);
    const outputs = withValueAt(found.outputs, path, value);
    const inputs = isOutputOnly(found, path) ? found.inputs : withValueAt(found.inputs, path, value);
    cloud.overwrite(found, inputs, outputs);
    const detail = `${path}: ${JSON.stringify(valueAt(found.outputs, path))} -> ${JSON.stringify(value)}`;
    recordEvent(cloud.database, { ...event(found), operation: "drift", outcome: "done", detail });
    return { ...found, inputs, outputs };
  });
}

/**
 * Deletes a resource behind the engine's back, whoever uses it.
 *
 * @throws SlipwayError when the target is no or more than one resource.
 */
export function driftDelete(directory: string, target: DriftTarget): StoredResource {
  return inCloud(directory, (cloud) => {
    const found = findOne(cloud, target);
    cloud.remove(found);
    recordEvent(cloud.database, { ...event(found), operation: "drift", outcome: "done", detail: "deleted" });
    return found;
  });
}

/** A property the service computes is nothing the program could have set. */
function isOutputOnly({ inputs, outputs }: StoredResource, path: string): boolean {
  const [top = ""] = path.split(".");
  return !(top in inputs) && top in outputs;
}

function findOne(cloud: Cloud, target: DriftTarget): StoredResource {
  const { resource, type, account } = target;
  const filter = { ...(type === undefined ? {} : { type }), ...(account === undefined ? {} : { account }) };
  const found = cloud.list(filter).filter(({ id, urn }) => [id, urn, parseUrn(urn).name].includes(resource));
  const only = found[0];
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined) {
    throw new SlipwayError(ExitCode.notFound, `The sandbox has no resource "${resource}".`, {
      where: cloud.database.file,
      next: "`./slipway sandbox status` lists what it holds; name a resource by its id, its URN or its logical name.",
    });
  }
  const candidates = found.map((one) => `${one.account} ${one.type} ${one.id}`).join("; ");
  throw new SlipwayError(ExitCode.usage, `"${resource}" means ${found.length} resources: ${candidates}.`, {
    where: cloud.database.file,
    next: "Name it by its URN, or add its type or account.",
  });
}

function inCloud<T>(directory: string, work: (cloud: Cloud) => T): T {
  const cloud = new Cloud(directory);
  try {
    return cloud.database.transaction(() => work(cloud));
  } finally {
    cloud.close();
  }
}

function event({ account, region, type, id, urn }: StoredResource): Address & { urn: string } {
  return { account, region, type, id, urn };
}
