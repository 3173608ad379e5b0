import type { Address, StoredResource } from "../cloud/cloud.ts";
import { recordEvent } from "../cloud/events.ts";
import { nameHeld } from "../cloud/held-names.ts";
import { diffProperties } from "../server/diff.ts";
import type { Properties } from "../types/type-spec.ts";
import type { Behaviour } from "./behaviours.ts";
import { replaceRules } from "./diff.ts";
import { finishLifecycle, firstState } from "./lifecycle.ts";
import { siblingsOf } from "./orphans.ts";
import { handlesOf, outputsOf, uniqueKeyOf, valuesAt } from "./properties.ts";
import { addressOf, contextOf, parseUrn, placeOf, type Session } from "./session.ts";

export interface Created {
  id: string;
  outputs: Properties;
}

/**
 * Creates the resource, or adopts the orphan that an interrupted run left behind (what client tokens do in a real
 * cloud). A replacement makes a second resource: there the state still records the first one when it is created.
 */
export function create(session: Session, urn: string, inputs: Properties): Created {
  const behaviour = session.behaviours.of(parseUrn(urn).type);
  const created = session.cloud.database.transaction(() => {
    const { orphans } = siblingsOf(session, urn, placeOf(session, behaviour, inputs));
    const orphan = orphans.find((candidate) => canBecome(behaviour, candidate, inputs));
    return orphan === undefined ? insert(session, behaviour, urn, inputs) : adopt(session, orphan, inputs);
  });
  return { id: created.address.id, outputs: finishLifecycle(session, behaviour, created.address, created.outputs) };
}

interface Placed {
  address: Address;
  outputs: Properties;
}

/** An orphan that would have to be replaced to match is somebody else's problem: it stays, and `status` lists it. */
function canBecome(behaviour: Behaviour, orphan: StoredResource, inputs: Properties): boolean {
  return !diffProperties(orphan.inputs, inputs, replaceRules(behaviour)).some((difference) => difference.replace);
}

function adopt(
  session: Session,
  orphan: StoredResource,
  inputs: Properties,
  detail = "left behind by an interrupted create",
): Placed {
  const { urn, region, salt, id, createdAt: now } = orphan;
  const behaviour = session.behaviours.of(orphan.type);
  const outputs = outputsOf(behaviour, inputs, id, contextOf(session, { urn, region, salt, now }));
  const uniqueKey = uniqueKeyOf(behaviour, inputs);
  session.cloud.update(orphan, { urn, inputs, outputs, uniqueKey, handles: handlesOf(behaviour, outputs, id) });
  recordEvent(session.cloud.database, { ...pick(orphan), urn, operation: "adopt", outcome: "done", detail });
  return { address: pick(orphan), outputs };
}

function insert(session: Session, behaviour: Behaviour, urn: string, inputs: Properties): Placed {
  const { cloud } = session;
  const { region } = placeOf(session, behaviour, inputs);
  const uniqueKey = uniqueKeyOf(behaviour, inputs);
  requireFreeName(session, behaviour, inputs);
  requireReferences(session, behaviour, inputs);
  const refusal = behaviour.refuseCreate?.(inputs, contextOf(session, { urn, region }));
  if (refusal !== undefined) throw new Error(refusal);
  const there = behaviour.overwrites === true ? atItsPlace(session, behaviour, urn, inputs) : undefined;
  if (there !== undefined) return adopt(session, { ...there, urn }, inputs, "written over what was there");
  const now = new Date().toISOString();
  const { address, salt } = freeAddress(session, behaviour, urn, inputs);
  const outputs = outputsOf(behaviour, inputs, address.id, contextOf(session, { urn, region, salt, now }));
  cloud.insert(address, {
    urn,
    inputs,
    outputs: firstState(behaviour, outputs),
    uniqueKey,
    handles: handlesOf(behaviour, outputs, address.id),
    salt,
    echoed: behaviour.echoed,
    createdAt: now,
  });
  recordEvent(cloud.database, { ...address, urn, operation: "create", outcome: "done", detail: "" });
  return { address, outputs };
}

/** Another resource may have the name, or one that is deleted and not yet past recovery. */
function requireFreeName(session: Session, behaviour: Behaviour, inputs: Properties): void {
  const { cloud } = session;
  const uniqueKey = uniqueKeyOf(behaviour, inputs);
  if (uniqueKey === undefined) return;
  const place = { ...placeOf(session, behaviour, inputs), type: behaviour.type };
  const everywhere = behaviour.unique?.scope === "everywhere";
  if (cloud.uniqueKeyTaken(place, uniqueKey, { everywhere }))
    throw new Error(behaviour.unique?.error(inputs) ?? "already exists");
  if (behaviour.held !== undefined && nameHeld(cloud.database, place, uniqueKey, new Date()))
    throw new Error(behaviour.held.error(inputs));
}

function atItsPlace(
  session: Session,
  behaviour: Behaviour,
  urn: string,
  inputs: Properties,
): StoredResource | undefined {
  const { region } = placeOf(session, behaviour, inputs);
  const id = behaviour.id(inputs, contextOf(session, { urn, region }));
  return session.cloud.get(addressOf(session, behaviour, inputs, id));
}

/** Ids made from the suffix get another one while theirs is in use; ids made from names alone are taken for good. */
function freeAddress(
  session: Session,
  behaviour: Behaviour,
  urn: string,
  inputs: Properties,
): { address: Address; salt: number } {
  const { region } = placeOf(session, behaviour, inputs);
  const tried = new Set<string>();
  for (let salt = 0; ; salt += 1) {
    const id = behaviour.id(inputs, contextOf(session, { urn, region, salt }));
    const address = addressOf(session, behaviour, inputs, id);
    if (!session.cloud.exists(address)) return { address, salt };
    if (tried.has(id))
      throw new Error(behaviour.unique?.error(inputs) ?? `AlreadyExists: ${behaviour.type} "${id}" already exists`);
    tried.add(id);
  }
}

function requireReferences(session: Session, behaviour: Behaviour, inputs: Properties): void {
  for (const [property, type] of Object.entries(behaviour.references ?? {})) {
    for (const value of valuesAt(inputs, property)) {
      if (typeof value !== "string" || session.cloud.handleExists(type, value, session.identity.account)) continue;
      throw new Error(
        `NotFound: ${property} names "${value}", but account ${session.identity.account} has no such ${type}`,
      );
    }
  }
}

function pick({ account, region, type, id }: Address): Address {
  return { account, region, type, id };
}
