import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Run } from "../report/comment/model.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a command runs: in which workflow, for which pull request. */
export interface ActionsRun {
  run: Run;
  /** `owner/name`; undefined outside of a workflow. */
  repository: string | undefined;
  pullRequest: number | undefined;
  /** Whether the change comes from another repository, whose workflows may only read this one. */
  fork: boolean;
}

const commit = z.string().regex(/^[0-9a-f]{40,64}$/);
const number = z.int().positive();
const repository = z.looseObject({ full_name: z.string() }).nullish();

/** The part of an event's payload that says what a run is for. */
const payload = z.looseObject({
  pull_request: z.looseObject({ number, head: z.looseObject({ sha: commit, repo: repository }) }).optional(),
  repository: repository.optional(),
  workflow_run: z
    .looseObject({
      id: z.int().positive(),
      run_attempt: number,
      head_sha: commit,
      head_repository: repository,
      pull_requests: z.array(z.looseObject({ number })).default([]),
    })
    .optional(),
});
type Payload = z.infer<typeof payload>;

const whole = (text: string | undefined): number => (text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : 0);

/**
 * What the variables of a workflow and its event say. A run that another one started speaks for that one: so the results of a fork's run, which may
 * not write, can be told by one that may. Outside of a workflow the head of the checkout stands alone.
 */
export function actionsRun(environment: Environment, event: unknown, head: string): ActionsRun {
  const parsed = payload.safeParse(event);
  const facts: Payload = parsed.success ? parsed.data : {};
  const name = environment["GITHUB_REPOSITORY"];
  const own = name !== undefined && /^[\w.-]+\/[\w.-]+$/.test(name) ? name : undefined;
  const source = facts.workflow_run;
  const id = source?.id ?? whole(environment["GITHUB_RUN_ID"]);
  const attempt = source?.run_attempt ?? (whole(environment["GITHUB_RUN_ATTEMPT"]) || 1);
  const url = pageOf(environment, own, id);
  const from = facts.pull_request?.head.repo ?? source?.head_repository;
  return {
    run: {
      ...{ id, attempt, head: facts.pull_request?.head.sha ?? source?.head_sha ?? head },
      ...(url === undefined ? {} : { url }),
    },
    repository: own,
    pullRequest: facts.pull_request?.number ?? source?.pull_requests[0]?.number,
    fork: from !== undefined && own !== undefined && from?.full_name !== own,
  };
}

function pageOf(environment: Environment, name: string | undefined, id: number): string | undefined {
  const server = environment["GITHUB_SERVER_URL"] ?? "https://github.com";
  if (name === undefined || id === 0 || !/^https?:\/\/[\w.:-]+$/.test(server)) return undefined;
  return `${server}/${name}/actions/runs/${id}`;
}

/** Reads the event that started the workflow; outside of one there is none. */
export async function readActionsRun(environment: Environment, head: string): Promise<ActionsRun> {
  const file = environment["GITHUB_EVENT_PATH"];
  const text = file ? await readFile(file, "utf8").catch(() => "{}") : "{}";
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    event = {};
  }
  return actionsRun(environment, event, head);
}
