import { z } from "zod";
import type { GitHub } from "./client.ts";
import { GitHubProblem } from "./problem.ts";

const commentSchema = z.looseObject({
  id: z.int(),
  node_id: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  user: z.looseObject({ login: z.string() }).nullish(),
});

/** A comment of a pull request. */
export interface Comment {
  id: number;
  node: string;
  body: string;
  url: string;
  author: string | undefined;
}

/** The comments of one pull request. */
export interface Comments {
  all(): Promise<Comment[]>;
  create(body: string): Promise<Comment>;
  edit(id: number, body: string): Promise<Comment>;
  remove(id: number): Promise<void>;
  /** Folds a comment as outdated; it stays readable. */
  minimise(node: string): Promise<void>;
}

export function commentsOf(github: GitHub, repository: string, pullRequest: number): Comments {
  const base = `/repos/${repository}/issues`;
  return {
    all: async () => (await github.list(`${base}/${pullRequest}/comments?per_page=100`)).map(parsed),
    create: async (body) => parsed(await github.request("POST", `${base}/${pullRequest}/comments`, { body })),
    edit: async (id, body) => parsed(await github.request("PATCH", `${base}/comments/${id}`, { body })),
    remove: async (id) => void (await github.request("DELETE", `${base}/comments/${id}`)),
    minimise: async (node) =>
      void (await github.graphql(
        "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { clientMutationId } }",
        { id: node },
      )),
  };
}

function parsed(value: unknown): Comment {
  const { data, error } = commentSchema.safeParse(value);
  if (data === undefined)
    throw new GitHubProblem("broken", `GitHub's comment is none: ${error.issues[0]?.message ?? ""}`, 200);
  return { id: data.id, node: data.node_id, body: data.body ?? "", url: data.html_url, author: data.user?.login };
}

/** Whom the token of a workflow writes as. */
export const actionsBot = "github-actions[bot]";

/** Under which name a token writes: a person's says so, that of a workflow may not ask. */
export async function authorOf(github: GitHub): Promise<string> {
  try {
    const user = z.looseObject({ login: z.string() }).safeParse(await github.request("GET", "/user"));
    return user.data?.login ?? actionsBot;
  } catch (error) {
    if (error instanceof GitHubProblem && ["forbidden", "missing"].includes(error.kind)) return actionsBot;
    throw error;
  }
}
