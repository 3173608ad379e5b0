import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { ExitCode, SlipwayError } from "../errors.ts";

/** Whom tokens are for. */
export const audience = "sts.amazonaws.com";

const attempts = 4;
const answer = z.object({ value: z.string().min(1) });

/** Where the runner hands out tokens of a job, and what it asks for in return. */
export interface TokenSource {
  url: string;
  bearer: string;
}

/** @throws SlipwayError (credentials) for a job that may not ask for tokens */
export function tokenSource(environment: Readonly<Record<string, string | undefined>>): TokenSource {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = environment;
  if (url && bearer) return { url, bearer };
  throw new SlipwayError(ExitCode.credentials, "This job may not ask GitHub for a token.", {
    where: "ACTIONS_ID_TOKEN_REQUEST_URL",
    next: "Give the job `permissions: { id-token: write }`. Jobs of forks never get one; outside of a workflow, use your own credentials.",
  });
}

/** A token that says who the job is. It is worth something for some minutes. */
export async function identityToken({ url, bearer }: TokenSource, signal: AbortSignal): Promise<string> {
  const address = new URL(url);
  address.searchParams.set("audience", audience);
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(address, { headers: { authorization: `bearer ${bearer}` }, signal }).catch(
      (error: unknown) => error as Error,
    );
    if (response instanceof Response && response.ok) return answer.parse(await response.json()).value;
    const passing = response instanceof Error || response.status >= 500 || response.status === 429;
    if (signal.aborted || !passing || attempt === attempts) throw refused(response, attempt);
    await pause(50 * 3 ** attempt, undefined, { signal });
  }
}

function refused(response: Response | Error, attempt: number): SlipwayError {
  const what = response instanceof Response ? `it answered ${response.status}` : response.message;
  return new SlipwayError(ExitCode.credentials, `GitHub gave no token, asked ${attempt} times: ${what}.`, {
    next: "Run the job again.",
  });
}

const claims = ["sub", "aud", "repository_id", "environment", "job_workflow_ref"] as const;

/** What a token says of its job and trust policies compare: nothing of it is secret, and it cannot be used as a token. */
export function claimsOf(token: string): Record<string, string> {
  const [, payload = ""] = token.split(".");
  try {
    const all = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, unknown>;
    return Object.fromEntries(claims.flatMap((name) => (typeof all[name] === "string" ? [[name, all[name]]] : [])));
  } catch {
    return {};
  }
}
