import { createHash, randomBytes } from "node:crypto";

/** What a server asks for (RFC 7616). */
export interface Challenge {
  realm: string;
  nonce: string;
  opaque: string | undefined;
  algorithm: "MD5" | "SHA-256";
  /** Whether the answer counts its requests; old servers know nothing of it. */
  qop: boolean;
}

/** Reads `WWW-Authenticate`; undefined where it asks for something else. */
export function parseChallenge(header: string | null): Challenge | undefined {
  const text = /\bDigest\s+(.*)$/is.exec(header ?? "")?.[1];
  if (text === undefined) return undefined;
  const members = new Map<string, string>();
  for (const [, name = "", quoted, bare] of text.matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi))
    members.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? bare ?? "");
  const algorithm = (members.get("algorithm") ?? "MD5").toUpperCase();
  const [realm, nonce] = [members.get("realm"), members.get("nonce")];
  if (realm === undefined || nonce === undefined || (algorithm !== "MD5" && algorithm !== "SHA-256")) return undefined;
  const qops = members.get("qop")?.split(/\s*,\s*/);
  if (qops !== undefined && !qops.includes("auth")) return undefined;
  return { realm, nonce, opaque: members.get("opaque"), algorithm, qop: qops !== undefined };
}

export interface DigestRequest {
  publicKey: string;
  privateKey: string;
  method: string;
  /** Path and query. */
  uri: string;
  /** How often the nonce was used, this time included. */
  count: number;
  /** The client's own nonce; tests hand in theirs. */
  cnonce?: string;
}

/** The value of `Authorization` that answers a challenge. */
export function digestHeader(challenge: Challenge, request: DigestRequest): string {
  const { realm, nonce, opaque, algorithm, qop } = challenge;
  const { publicKey, privateKey, method, uri, count, cnonce = randomBytes(8).toString("hex") } = request;
  const hash = (text: string) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const nc = count.toString(16).padStart(8, "0");
  const who = hash(`${publicKey}:${realm}:${privateKey}`);
  const what = hash(`${method}:${uri}`);
  const response = hash(qop ? `${who}:${nonce}:${nc}:${cnonce}:auth:${what}` : `${who}:${nonce}:${what}`);
  const quoted = { username: publicKey, realm, nonce, uri, response, ...(opaque === undefined ? {} : { opaque }) };
  const members = Object.entries(quoted).map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, "\\$&")}"`);
  const counted = qop ? [`qop=auth`, `nc=${nc}`, `cnonce="${cnonce}"`] : [];
  return `Digest ${[...members, `algorithm=${algorithm}`, ...counted].join(", ")}`;
}
