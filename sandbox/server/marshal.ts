import { unknown } from "../unknown.ts";

type Json = Record<string, unknown>;

/** The property that marks an object of the engine's wire format as something other than a plain object. */
export const signatureKey = "4dabf18193072939515e22adb298388d";

export const signatures = {
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  secret: "1b47061264138c4ac30d75fd1eb44270",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

/** The engine has one marker per kind of unknown value; to a resource they all mean the same. */
const unknownMarkers: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
const unknownMarker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Wire value -> value: secrets and output values unwrapped, resource references turned into ids, unknowns into `unknown`. */
export function decode(value: unknown): unknown {
  if (unknownMarkers.has(value)) return unknown;
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Json;
  switch (object[signatureKey]) {
    case undefined:
      return mapValues(object, decode);
    case signatures.secret:
      return decode(object["value"]);
    case signatures.output:
      return "value" in object ? decode(object["value"]) : unknown;
    case signatures.resource:
      return decode(object["id"] ?? object["urn"]);
    default:
      return object;
  }
}

/** Wire properties -> property bag. A null property is an absent one, as everywhere in the engine. */
export function decodeProperties(properties: Json | undefined): Json {
  const decoded = mapValues(properties ?? {}, decode);
  return Object.fromEntries(Object.entries(decoded).filter(([, value]) => value !== null));
}

/** Property bag -> wire properties; the top-level properties named in `secrets` are marked secret. */
export function encodeProperties(properties: Json, secrets: readonly string[] = []): Json {
  const encoded: Json = {};
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    const wire = encode(value);
    encoded[key] = secrets.includes(key) ? { [signatureKey]: signatures.secret, value: wire } : wire;
  }
  return encoded;
}

function encode(value: unknown): unknown {
  if (value === unknown) return unknownMarker;
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : encode(item)));
  if (typeof value !== "object" || value === null) return value;
  const encoded: Json = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) encoded[key] = encode(item);
  return encoded;
}

function mapValues(object: Json, map: (value: unknown) => unknown): Json {
  const mapped: Json = {};
  for (const [key, value] of Object.entries(object)) mapped[key] = map(value);
  return mapped;
}

/** Assets and archives are their hash: moving the file they come from changes nothing. */
export function contentHash(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const object = value as Json;
  const signature = object[signatureKey];
  if (signature !== signatures.asset && signature !== signatures.archive) return undefined;
  return typeof object["hash"] === "string" && object["hash"] !== "" ? object["hash"] : undefined;
}
