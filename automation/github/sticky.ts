import { historyAfter, isNewer, markerStart, readMarker, withMarker, type Marker } from "../report/comment/marker.ts";
import type { HistoryEntry, Run, Verdict } from "../report/comment/model.ts";
import type { Claim, Claims } from "./claim.ts";
import type { Comment, Comments } from "./comments.ts";
import { GitHubProblem } from "./problem.ts";

/** What one run wants to say in a pull request. */
export interface StickyRequest {
  comments: Comments;
  claims: Claims;
  /** Names that our comments are written under. */
  author: string;
  pullRequest: number;
  run: Run;
  verdict: Verdict;
  content: string;
  /** The text below the marker, with what earlier runs said. */
  page(history: readonly HistoryEntry[]): string;
  say(line: string): void;
}

export interface StickyResult {
  outcome: "created" | "updated" | "unchanged" | "superseded";
  url: string | undefined;
}

/** A comment of ours with a marker that can be read. */
interface Ours {
  comment: Comment;
  marker: Marker & { intact: boolean };
}

/**
 * Keeps one comment per pull request true. It is found by marker and author over all pages; the newest run wins, whichever writes last; a comment that says
 * the same already is left alone. GitHub has no conditional edit, so every run first says in the store that it is the newest, and looks there again after
 * it wrote: the last to write always leaves what the newest has to say.
 */
export async function publishComment(request: StickyRequest): Promise<StickyResult> {
  const { claims, run } = request;
  const known = await claims.newest();
  const authors = authorsOf(request, known);
  const found = await oursAmong(request, authors);
  const [first] = found.ours;
  const me = { run: run.id, attempt: run.attempt };
  if (first !== undefined && isNewer(first.marker, me)) return { outcome: "superseded", url: first.comment.url };
  const same = first?.marker.intact === true && first.marker.content === request.content && found.ours.length === 1;
  const text = same ? first.comment.body : textOf(request, first?.marker);
  const claim: Claim = { ...me, text, author: request.author };
  if (!(await claims.claim(claim))) return { outcome: "superseded", url: first?.comment.url };
  const written = same ? undefined : await write(request, authors, first, text);
  const settled = await settle(
    request,
    [...authors, ...(written?.author ?? [])].map((name) => name.toLowerCase()),
    claim,
    written?.id,
  );
  await tidy(request, found.old);
  if (settled.superseded) return { outcome: "superseded", url: settled.url };
  const outcome = same && !settled.edited ? "unchanged" : first === undefined ? "created" : "updated";
  return { outcome, url: settled.url };
}

const authorsOf = ({ author }: StickyRequest, known: Claim | undefined): string[] =>
  [author, ...(known === undefined ? [] : [known.author])].map((name) => name.toLowerCase());

function textOf(request: StickyRequest, previous: Marker | undefined): string {
  const { pullRequest, run, verdict, content } = request;
  const history = historyAfter(previous, run);
  const facts = {
    pullRequest,
    run: run.id,
    attempt: run.attempt,
    head: run.head,
    verdict,
    content,
    url: run.url,
    history,
  };
  return withMarker(request.page(history), facts);
}

/** Our comments of this pull request, the oldest first, and those of ours whose marker nobody can read any more. */
async function oursAmong(
  { comments, pullRequest }: StickyRequest,
  authors: readonly string[],
): Promise<{ ours: Ours[]; old: Comment[] }> {
  const mine = (await comments.all()).filter(({ author }) => authors.includes(author?.toLowerCase() ?? ""));
  const read = mine.map((comment) => ({ comment, marker: readMarker(comment.body) }));
  const ours = read.filter((one): one is Ours => one.marker?.pullRequest === pullRequest);
  const old = read
    .filter(({ comment, marker }) => marker === undefined && isOld(comment))
    .map(({ comment }) => comment);
  return { ours: ours.sort((a, b) => a.comment.id - b.comment.id), old };
}

/** Another version's marker, our heading without one, and what pulumi/actions left before it was replaced. */
const isOld = ({ body }: Comment): boolean =>
  body.startsWith(markerStart) ||
  body.startsWith("### Preview of `") ||
  /^#### :tropical_drink: `preview` on /.test(body);

const CREATE_ATTEMPTS = 3;

/** Edits our comment, or makes one. After an answer that says nothing, it is looked whether the comment is there before it is made again. */
async function write(
  request: StickyRequest,
  authors: readonly string[],
  first: Ours | undefined,
  text: string,
): Promise<{ id: number | undefined; author: string[] }> {
  const { comments } = request;
  if (first !== undefined) {
    await comments.edit(first.comment.id, text);
    return { id: undefined, author: [] };
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { id, author } = await comments.create(text);
      return { id, author: author === undefined ? [] : [author] };
    } catch (error) {
      if (!(error instanceof GitHubProblem) || error.kind !== "broken" || attempt === CREATE_ATTEMPTS) throw error;
      request.say(`GitHub: ${error.message}; looking whether the comment is there`);
      const { ours } = await oursAmong(request, authors);
      if (ours.length > 0) return { id: ours[0]?.comment.id, author: [] };
    }
  }
}

interface Settled {
  url: string | undefined;
  /** Another run is newer, and its text stands there now. */
  superseded: boolean;
  edited: boolean;
}

/** More rounds than runs that write at the same time. */
const ROUNDS = 6;

/** Looks at what stands there now until it is one comment with what the newest run has to say. */
async function settle(
  request: StickyRequest,
  authors: readonly string[],
  mine: Claim,
  created: number | undefined,
): Promise<Settled> {
  const { comments, claims } = request;
  let edited = false;
  for (let round = 0; round < ROUNDS; round += 1) {
    const newest = (await claims.newest()) ?? mine;
    const latest = isNewer(newest, mine) ? newest : mine;
    const { ours } = await oursAmong(request, authors);
    const [first, ...others] = ours;
    if (first === undefined) throw new GitHubProblem("broken", "the comment that was written is not there", 200);
    const { comment, marker } = first;
    for (const other of others) await withdraw(request, other.comment, created);
    // A run that does not share our store may be newer than all that is known here.
    if (isNewer(marker, latest)) return { url: comment.url, superseded: true, edited };
    if (sameText(comment.body, latest.text)) return { url: comment.url, superseded: latest !== mine, edited };
    await comments.edit(comment.id, latest.text);
    edited = true;
  }
  throw new GitHubProblem("broken", "the comment kept changing under every attempt to write it", 200);
}

const sameText = (a: string, b: string): boolean => normal(a) === normal(b);
const normal = (text: string): string => text.replaceAll("\r\n", "\n").trimEnd();

/** A second comment: two runs found none at the same time. The one just made here goes, any other is folded. */
async function withdraw(
  { comments, say }: StickyRequest,
  comment: Comment,
  created: number | undefined,
): Promise<void> {
  const gone = (error: unknown) => {
    if (!(error instanceof GitHubProblem) || error.kind === "broken") throw error;
    say(`a second comment stays as it is: ${error.message}`);
  };
  await (comment.id === created ? comments.remove(comment.id) : comments.minimise(comment.node)).catch(gone);
}

/** Folding old comments is a courtesy: whatever becomes of it, the comment itself stands. */
async function tidy({ comments, say }: StickyRequest, old: readonly Comment[]): Promise<void> {
  for (const { node } of old)
    await comments.minimise(node).catch((error: unknown) => {
      if (!(error instanceof GitHubProblem)) throw error;
      say(`an old comment is not folded: ${error.message}`);
    });
}
