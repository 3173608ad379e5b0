import { z } from "zod";
import type { Credentials } from "./credentials.ts";
import { type Challenge, digestHeader, parseChallenge } from "./digest.ts";

/** Puts credentials on requests. */
export interface Authorizer {
  /** Value of `Authorization`; undefined where the server has to ask first. */
  header(method: string, uri: string): Promise<string | undefined>;
  /** Told of a 401. True where the same request may be sent once more with something better. */
  refused(answer: Response, sent: string | undefined): boolean;
}

/** What a service account needs of its client. */
export interface TokenOffice {
  /** Asks for a token, with the client's limits and retries. */
  ask(path: string, init: { headers: Record<string, string>; body: string }): Promise<string>;
  /** Milliseconds. */
  now(): number;
  /** Told each token: nobody else may read it. */
  got(token: string): void;
}

/** What authorizes requests with these credentials. */
export const authorizerFor = (credentials: Credentials, office: TokenOffice): Authorizer =>
  credentials.kind === "digest" ? digest(credentials) : serviceAccount(credentials, office);

function digest({ publicKey, privateKey }: Extract<Credentials, { kind: "digest" }>): Authorizer {
  let challenge: Challenge | undefined;
  let count = 0;
  return {
    header: (method, uri) =>
      Promise.resolve(challenge && digestHeader(challenge, { publicKey, privateKey, method, uri, count: ++count })),
    refused: (answer, sent) => {
      const asked = parseChallenge(answer.headers.get("www-authenticate"));
      // An answer to a nonce that has only become stale may be given again; a wrong key is no better the second time.
      const worth = sent === undefined || /\bstale\s*=\s*"?true/i.test(answer.headers.get("www-authenticate") ?? "");
      if (asked === undefined || !worth) return false;
      challenge = asked;
      count = 0;
      return true;
    },
  };
}

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().default(3600) });

/** A token is renewed this long before its end: it has to live until the request is there. */
const marginMs = 60_000;

function serviceAccount(
  { id, secret }: Extract<Credentials, { kind: "service-account" }>,
  { ask, now, got }: TokenOffice,
): Authorizer {
  let token: { value: string; until: number } | undefined;
  let renewal: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64");
    const text = await ask("/api/oauth/token", {
      headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    });
    const { access_token: value, expires_in: seconds } = readToken(text);
    got(value);
    token = { value, until: now() + Math.max(seconds * 500, seconds * 1000 - marginMs) };
    return value;
  };
  return {
    header: async () => {
      if (token !== undefined && now() < token.until) return `Bearer ${token.value}`;
      // Requests at the same time wait for one token.
      renewal ??= renew().finally(() => (renewal = undefined));
      return `Bearer ${await renewal}`;
    },
    refused: (_answer, sent) => {
      if (sent === `Bearer ${token?.value ?? ""}`) token = undefined;
      return true;
    },
  };
}

/** The answer itself never becomes part of a message: it may hold a token. */
function readToken(text: string): z.infer<typeof tokenSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = tokenSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error("the answer holds no token");
}
