import { canonicalJson, sha256 } from "../../release/canonical.ts";
import { historySchema, type HistoryEntry, type PreviewModel, type Run, type Verdict } from "./model.ts";
import { HISTORY } from "./render.ts";

/** What a comment says of itself where nobody sees it. */
export interface Marker {
  pullRequest: number;
  run: number;
  attempt: number;
  head: string;
  verdict: Verdict;
  /** Digest of what is told, whatever run tells it. */
  content: string;
  /** Digest of the text as it was written: another one means that somebody edited it. */
  body: string;
  url: string | undefined;
  history: HistoryEntry[];
}

/** What every comment of ours begins with, whatever its version. */
export const markerStart = "<!-- slipway-preview ";

const form =
  /^<!-- slipway-preview schema=1 pr=(\d{1,10}) run=(\d{1,16}) attempt=(\d{1,6}) head=([0-9a-f]{40,64}) content=([0-9a-f]{64}) body=([0-9a-f]{64}) state=([\w-]*) -->$/;

/** Line ends and the end of the text are what GitHub may change on its own. */
const normal = (text: string): string => text.replaceAll("\r\n", "\n").trimEnd();

/** A whole comment: the marker, then the text. */
export function withMarker(text: string, marker: Omit<Marker, "body">): string {
  const { pullRequest, run, attempt, head, content, verdict, url, history } = marker;
  const body = sha256(normal(text));
  // Base64url: nothing in it can end an HTML comment.
  const state = Buffer.from(JSON.stringify({ verdict, ...(url === undefined ? {} : { url }), history }), "utf8");
  const facts = `schema=1 pr=${pullRequest} run=${run} attempt=${attempt} head=${head} content=${content} body=${body}`;
  return `${markerStart}${facts} state=${state.toString("base64url")} -->\n${text}`;
}

/** What a comment's marker says, and whether its text is still the one that was written; undefined without a readable marker. */
export function readMarker(comment: string): (Marker & { intact: boolean }) | undefined {
  const [line = "", ...rest] = comment.replaceAll("\r\n", "\n").split("\n");
  const found = form.exec(line.trim());
  if (found === null) return undefined;
  const [, pullRequest, run, attempt, head = "", content = "", body = "", encoded = ""] = found;
  const state = stateOf(encoded);
  if (state === undefined) return undefined;
  const numbers = { pullRequest: Number(pullRequest), run: Number(run), attempt: Number(attempt) };
  const intact = sha256(normal(rest.join("\n"))) === body;
  return { ...numbers, ...state, head, content, body, intact };
}

function stateOf(encoded: string): Pick<Marker, "verdict" | "url" | "history"> | undefined {
  try {
    const { verdict, url, history } = JSON.parse(Buffer.from(encoded, "base64url").toString("utf8")) as Record<
      string,
      unknown
    >;
    const [own] = historySchema.parse([{ head: "0".repeat(40), verdict, ...(url === undefined ? {} : { url }) }]);
    if (own === undefined) return undefined;
    return { verdict: own.verdict, url: own.url, history: historySchema.parse(history) };
  } catch {
    return undefined;
  }
}

/** Which of two runs is newer: ids grow with every run, and a run that is repeated keeps its id. */
export const isNewer = (a: Pick<Marker, "run" | "attempt">, b: Pick<Marker, "run" | "attempt">): boolean =>
  a.run === b.run ? a.attempt > b.attempt : a.run > b.run;

/** The history that the comment of a new run shows: the run before it and what that one remembered. */
export function historyAfter(previous: Marker | undefined, run: Run): HistoryEntry[] {
  if (previous === undefined) return [];
  const { head, verdict, url, history } = previous;
  // A run that is repeated takes the place of its earlier attempt.
  const before =
    previous.run === run.id ? history : [{ head, verdict, ...(url === undefined ? {} : { url }) }, ...history];
  return before.slice(0, HISTORY);
}

/**
 * Digest of what a model tells a person about its commit. Which run found it out, how long that took and until when a plan may be used are no
 * part of it: they alone are no reason to edit a comment.
 */
export function contentDigest({ run, verdict, stacks, ground }: PreviewModel): string {
  const told = stacks.map(({ seconds: _seconds, plan, promotion, ...rest }) => ({
    ...rest,
    plan: plan?.digest ?? null,
    promotion:
      promotion === undefined
        ? null
        : { ...promotion, soak: promotion.soak === undefined ? null : promotion.soak.leftSeconds > 0 },
  }));
  return sha256(canonicalJson({ head: run.head, verdict, stacks: told, ground }));
}
