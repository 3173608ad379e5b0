import { createHash } from "node:crypto";

import type { Address, Cloud } from "../cloud/cloud.ts";
import type { Identity } from "../server/identity.ts";
import type { Properties, TypeContext } from "../types/type-spec.ts";
import type { LiveHook } from "../live/hook.ts";
import type { Behaviour, Behaviours } from "./behaviours.ts";

/** What one configured provider process works with. */
export interface Session {
  /** The sandbox's directory. */
  directory: string;
  cloud: Cloud;
  identity: Identity;
  behaviours: Behaviours;
  /** Keeps the emulator in line; absent where everything is simulated. */
  live?: LiveHook;
}

/** Type and logical name of a URN. Names may contain `::` themselves. */
export function parseUrn(urn: string): { type: string; name: string } {
  const [, , qualifiedType = "", ...name] = urn.split("::");
  return { type: qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1), name: name.join("::") };
}

export function addressOf(session: Session, behaviour: Behaviour, properties: Properties, id: string): Address {
  return { ...placeOf(session, behaviour, properties), type: behaviour.type, id };
}

/** Account and region a resource belongs to: AWS resources may name another region than their provider's. */
export function placeOf(
  session: Session,
  behaviour: Behaviour,
  properties: Properties,
): Pick<Address, "account" | "region"> {
  const { account, region } = session.identity;
  if (behaviour.global || region === "") return { account, region: "" };
  const own = properties["region"];
  return { account, region: typeof own === "string" && own !== "" ? own : region };
}

export interface ContextOptions {
  urn: string;
  region?: string;
  salt?: number;
  now?: string;
}

/** What the table entries see. The same URN and salt give the same suffixes, today and tomorrow. */
export function contextOf(session: Session, options: ContextOptions): TypeContext {
  const { account, defaultTags } = session.identity;
  const region = options.region || session.identity.region;
  const now = options.now ?? new Date().toISOString();
  return {
    urn: options.urn,
    name: parseUrn(options.urn).name,
    account,
    region,
    partition: partitionOf(region),
    suffix: (length) => suffix(`${options.urn}#${options.salt ?? 0}`, length),
    find: (type, where) =>
      session.cloud.list({ account, type }, where).filter((found) => found.region === "" || found.region === region),
    now: () => now,
    ...(defaultTags === undefined ? {} : { defaultTags }),
  };
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

function suffix(seed: string, length: number): string {
  let text = "";
  for (let block = 0; text.length < length; block += 1) {
    text += createHash("sha256").update(`${seed}#${block}`).digest("hex");
  }
  return text.slice(0, length);
}
