import { readFile } from "node:fs/promises";
import { z } from "zod";
import { git, tryGit } from "../git/git.ts";
import type { GitHub } from "../github/client.ts";
import { GitHubProblem } from "../github/problem.ts";
import { excused, problemsOf, type Message } from "./conventional.ts";

/** A message that nobody can read a change log from, or why it is let through. */
export interface Judged {
  at: string;
  subject: string;
  problems: string[];
  excused?: string;
}

/** Every message with what it lacks. */
export const judge = (messages: readonly Message[]): Judged[] =>
  messages.map((message) => {
    const why = excused(message);
    const subject = message.text.split("\n", 1)[0] ?? "";
    return why === undefined
      ? { at: message.at, subject, problems: problemsOf(message) }
      : { at: message.at, subject, problems: [], excused: why };
  });

/**
 * Messages of the commits that HEAD has and the base has not, oldest first. What the protected branch has got meanwhile, and GitHub put into
 * what it lets the checks run on, is not of this request.
 */
export async function messagesSince(root: string, base: string, protectedRef: string): Promise<Message[]> {
  const known = await tryGit(root, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${protectedRef}^{commit}`,
  ]);
  const others = [base, ...(known.exitCode === 0 ? [known.stdout.toString("utf8").trim()] : [])];
  const format = "--format=%H%x1f%P%x1f%an%x1f%B";
  const selection = ["--end-of-options", "HEAD", ...others.map((commit) => `^${commit}`)];
  const output = await git(root, ["log", "-z", "--reverse", "--no-show-signature", format, ...selection]);
  return output
    .split("\0")
    .filter((record) => record !== "")
    .map((record) => {
      const [at = "", parents = "", author = "", ...text] = record.split("\x1f");
      return { at, author, parents: parents.split(" ").filter(Boolean).length, text: text.join("\x1f") };
    });
}

const titled = z.object({ title: z.string(), user: z.object({ login: z.string() }).nullish() });

/** Which request it is. */
export interface RequestPlace {
  /** `owner/name`. */
  repository: string;
  number: number;
}

/**
 * The title of a pull request, which becomes the message of a squash. As it is now, where GitHub may be asked, so that a run can be repeated once
 * it was mended; else as the event has it.
 */
export async function titleOf(
  { repository, number }: RequestPlace,
  github: GitHub | undefined,
  eventFile: string | undefined,
): Promise<Message | undefined> {
  const asked = github && (await github.request("GET", `/repos/${repository}/pulls/${number}`).catch(unanswered));
  const found = titled.safeParse(asked ?? (await pullRequestOf(eventFile)));
  if (!found.success) return undefined;
  return { at: "title", text: found.data.title, parents: 1, author: found.data.user?.login ?? "" };
}

function unanswered(error: unknown): undefined {
  if (!(error instanceof GitHubProblem)) throw error;
}

async function pullRequestOf(file: string | undefined): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(file ?? "", "utf8")) as { pull_request?: unknown }).pull_request;
  } catch {
    return undefined;
  }
}
