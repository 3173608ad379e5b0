import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import { AtlasError } from "./protocol.ts";

/** Whose request it is, and what they may do. */
export type Role = "Project Stream Processing Owner" | "Project Read Only";

/** Nothing is secret in the sandbox: every one has the same accounts, and they open nothing else. */
export const sandboxAccounts = {
  owner: {
    id: "mdb_sa_id_5a6b7c8d9e0f1a2b3c4d5e6f",
    secret: "mdb_sa_sk_sandbox-only",
    role: "Project Stream Processing Owner",
  },
  reader: { id: "mdb_sa_id_0f1e2d3c4b5a69788796a5b4", secret: "mdb_sa_sk_sandbox-reader", role: "Project Read Only" },
} as const satisfies Record<string, { id: string; secret: string; role: Role }>;

/** API keys for who signs by digest. */
export const sandboxKeys = {
  owner: { id: "sandbox", secret: "00000000-0000-4000-8000-000000000001", role: "Project Stream Processing Owner" },
  reader: { id: "reader", secret: "00000000-0000-4000-8000-000000000002", role: "Project Read Only" },
} as const satisfies Record<string, { id: string; secret: string; role: Role }>;

const tokenSeconds = 3_600;
const nonceSeconds = 300;
const realm = "MMS Public API";

/**
 * A token for a service account. It says itself whose it is and until when, signed, so that whichever process answers next takes it.
 *
 * @throws AtlasError 401
 */
export function tokenFor(authorization: string | undefined, body: string, now: number): Record<string, unknown> {
  const [, encoded = ""] = /^Basic\s+(.+)$/i.exec(authorization ?? "") ?? [];
  const [id = "", ...rest] = Buffer.from(encoded, "base64").toString("utf8").split(":").map(decodeURIComponent);
  const account = Object.values(sandboxAccounts).find((each) => each.id === id);
  if (account === undefined || !same(account.secret, rest.join(":")))
    throw new AtlasError(
      401,
      "INVALID_CLIENT",
      "The client credentials are not those of a service account of the sandbox.",
    );
  if (new URLSearchParams(body).get("grant_type") !== "client_credentials")
    throw new AtlasError(400, "UNSUPPORTED_GRANT_TYPE", "grant_type has to be client_credentials.");
  const claim = Buffer.from(`${id} ${Math.floor(now / 1000) + tokenSeconds}`).toString("base64url");
  return { access_token: `${claim}.${signed(claim, account.secret)}`, expires_in: tokenSeconds, token_type: "Bearer" };
}

/** Who a request is from. @throws AtlasError 401, with a challenge */
export function roleOf(authorization: string | undefined, method: string, url: string, now: number): Role {
  const [scheme = "", rest = ""] = /^(\S+)\s+(.*)$/s.exec(authorization ?? "")?.slice(1) ?? [];
  if (scheme.toLowerCase() === "bearer") return bearer(rest, now);
  if (scheme.toLowerCase() === "digest") return digest(rest, method, url, now);
  throw unauthorized("You are not authorized for this resource.", now);
}

function bearer(token: string, now: number): Role {
  const [claim = "", signature = ""] = token.split(".");
  const [id, until] = Buffer.from(claim, "base64url").toString("utf8").split(" ");
  const account = Object.values(sandboxAccounts).find((each) => each.id === id);
  if (account === undefined || !same(signed(claim, account.secret), signature) || Number(until) * 1000 < now)
    throw unauthorized("The access token is invalid or has expired.", now);
  return account.role;
}

function digest(text: string, method: string, url: string, now: number): Role {
  const members: Record<string, string> = {};
  for (const [, name = "", quoted, bare] of text.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g))
    members[name] = quoted ?? bare ?? "";
  const { username, nonce = "", nc = "", cnonce = "", qop, response = "", uri = "" } = members;
  const key = Object.values(sandboxKeys).find(({ id }) => id === username);
  if (!validNonce(nonce, now)) throw unauthorized("The nonce is stale.", now, true);
  if (key === undefined || uri !== url) throw unauthorized("No such API key.", now);
  const [ha1, ha2] = [md5(`${key.id}:${realm}:${key.secret}`), md5(`${method}:${uri}`)];
  const expected = md5(qop === undefined ? `${ha1}:${nonce}:${ha2}` : [ha1, nonce, nc, cnonce, qop, ha2].join(":"));
  if (!same(expected, response)) throw unauthorized("The API key does not match.", now);
  return key.role;
}

function unauthorized(detail: string, now: number, stale = false): AtlasError {
  const at = String(Math.floor(now / 1000));
  const challenge = `Digest realm="${realm}", domain="", nonce="${at}.${signed(at, realm)}", algorithm=MD5, qop="auth", stale=${stale}`;
  return new AtlasError(401, "UNAUTHORIZED", detail, { headers: { "www-authenticate": challenge } });
}

function validNonce(nonce: string, now: number): boolean {
  const [at = "", signature = ""] = nonce.split(".");
  return same(signed(at, realm), signature) && now / 1000 - Number(at) <= nonceSeconds;
}

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const signed = (text: string, key: string) => createHmac("sha256", key).update(text).digest("base64url");

function same(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest()) as [Buffer, Buffer];
  return timingSafeEqual(left, right);
}
