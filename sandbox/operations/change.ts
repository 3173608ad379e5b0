import type { Address, StoredResource } from "../cloud/cloud.ts";
import { recordEvent } from "../cloud/events.ts";
import { holdName } from "../cloud/held-names.ts";
import type { CloudResource, Properties } from "../types/type-spec.ts";
import { hasUnknown } from "../unknown.ts";
import { handlesOf, outputsOf, previewOutputs, reconcile, uniqueKeyOf, withComputed } from "./properties.ts";
import { addressOf, contextOf, parseUrn, type Session } from "./session.ts";

/** A resource as the engine refers to it after its creation. */
export interface Existing {
  urn: string;
  id: string;
  /** Inputs and outputs that the engine has on record. */
  inputs: Properties;
  outputs: Properties;
}

export function previewCreate(session: Session, urn: string, inputs: Properties): Properties {
  return previewOutputs(session.behaviours.of(parseUrn(urn).type), inputs);
}

/** Outputs that an update will have; what depends on unknown inputs stays as it was. */
export function previewUpdate(session: Session, existing: Existing, news: Properties): Properties {
  const behaviour = session.behaviours.of(parseUrn(existing.urn).type);
  const kept = withoutKeys(existing.outputs, existing.inputs);
  const asItWas = () => withComputed(behaviour, { ...behaviour.defaults, ...kept, ...news }, existing.outputs);
  if (hasUnknown(news)) return asItWas();
  const stored = session.cloud.get(addressOf(session, behaviour, existing.outputs, existing.id));
  if (stored === undefined) return asItWas();
  const context = contextOf(session, { ...stored, now: stored.createdAt });
  return { ...kept, ...outputsOf(behaviour, news, existing.id, context) };
}

export function update(session: Session, existing: Existing, news: Properties): Properties {
  const { urn, id } = existing;
  const behaviour = session.behaviours.of(parseUrn(urn).type);
  const address = addressOf(session, behaviour, existing.outputs, id);
  return session.cloud.database.transaction(() => {
    const stored = session.cloud.get(address);
    if (stored === undefined)
      throw new Error(`NotFound: ${address.type} "${id}" does not exist any more; refresh the stack`);
    const uniqueKey = uniqueKeyOf(behaviour, news);
    const everywhere = behaviour.unique?.scope === "everywhere";
    if (uniqueKey !== undefined && session.cloud.uniqueKeyTaken(address, uniqueKey, { everywhere, exceptId: id })) {
      throw new Error(behaviour.unique?.error(news) ?? "already exists");
    }
    const context = contextOf(session, { ...stored, now: stored.createdAt });
    const kept = withoutKeys(stored.outputs, stored.inputs);
    const outputs = { ...kept, ...outputsOf(behaviour, news, id, context) };
    const handles = handlesOf(behaviour, outputs, id);
    session.cloud.update(address, { urn, inputs: news, outputs, uniqueKey, handles });
    recordEvent(session.cloud.database, { ...address, urn, operation: "update", outcome: "done", detail: "" });
    return outputs;
  });
}

/** What the cloud holds now, or undefined when it is gone. */
export function read(session: Session, existing: Existing): { inputs: Properties; outputs: Properties } | undefined {
  const { urn, id } = existing;
  const behaviour = session.behaviours.of(parseUrn(urn).type);
  const stored = session.cloud.get(addressOf(session, behaviour, existing.outputs, id));
  if (stored === undefined) return undefined;
  return { inputs: reconcile(existing.inputs, stored.inputs), outputs: reconcile(existing.outputs, stored.outputs) };
}

/** Throws the service's own reason when the resource cannot be deleted now. */
export function requireRemovable(session: Session, stored: StoredResource): void {
  const behaviour = session.behaviours.of(stored.type);
  const reason = behaviour.inUse?.(stored, contextOf(session, stored));
  if (reason !== undefined) throw new Error(reason);
}

/** Deleting what is gone already succeeds, so that an interrupted destroy can be repeated. */
export function remove(session: Session, existing: Existing): void {
  const { urn, id } = existing;
  const behaviour = session.behaviours.of(parseUrn(urn).type);
  const address = addressOf(session, behaviour, existing.outputs, id);
  session.cloud.database.transaction(() => {
    const stored = session.cloud.get(address);
    if (stored === undefined) return;
    requireRemovable(session, stored);
    const context = contextOf(session, stored);
    for (const gone of [stored, ...(behaviour.cascade?.(stored, context) ?? [])]) forget(session, gone, urn);
  });
}

/** Takes a resource off the record; the log says with whom it went. */
function forget(session: Session, { account, region, type, id, urn, inputs }: CloudResource, cause: string): void {
  const address = { account, region, type, id };
  session.cloud.remove(address);
  hold(session, address, inputs);
  const detail = urn === cause ? "" : `together with ${cause}`;
  recordEvent(session.cloud.database, { ...address, urn, operation: "delete", outcome: "done", detail });
}

const day = 86_400_000;

/** What can be recovered for some days keeps its name for as long. */
function hold(session: Session, address: Address, inputs: Properties): void {
  const behaviour = session.behaviours.of(address.type);
  const uniqueKey = uniqueKeyOf(behaviour, inputs);
  const days = behaviour.held?.days({ ...behaviour.defaults, ...inputs }) ?? 0;
  if (uniqueKey === undefined || days <= 0) return;
  holdName(session.cloud.database, address, uniqueKey, new Date(Date.now() + days * day));
}

function withoutKeys(object: Properties, keys: Properties): Properties {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !(key in keys)));
}
