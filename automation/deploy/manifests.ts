import type { Manifests, StackOutputs } from "../../config/outputs.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { type BranchResult, commitFiles } from "../git/branch-files.ts";
import { readLedger } from "../promotion/ledger.ts";
import type { LedgerRecord, RecordOf } from "../promotion/ledger-records.ts";
import type { Release } from "../release/manifest.ts";
import { plural } from "../report/text.ts";
import type { DeployRequest, Session } from "./session.ts";
import { subjectWords } from "./subject.ts";

/** Where the manifests of an environment are once they are delivered. */
export interface Delivered {
  /** Commit of the branch that Argo CD is to run. */
  commit: string;
  moved: boolean;
}

/** Somebody else may write the branch, but the one who holds the environment decides what it says in the end. */
const attempts = 3;

/**
 * Commits what the program rendered to the branch that Argo CD watches: one commit per release, none where it is there already. The
 * content follows from the release alone, so a run that was killed anywhere in between is put right by the next one.
 * @returns undefined where the stack has no manifests.
 * @throws SlipwayError when the remote refuses them; the cluster then runs on what it had.
 */
export async function deliverManifests(
  session: Session,
  request: DeployRequest,
  outputs: StackOutputs,
): Promise<Delivered | undefined> {
  const manifests = outputs.kind === "environment" ? outputs.manifests : undefined;
  if (manifests === undefined) return undefined;
  const { workspace, stack } = session;
  const { remote } = workspace.policy;
  const files = { ...manifests.files, "release.json": releaseFile(stack, request.release) };
  const wanted = {
    root: workspace.root,
    remote,
    branch: manifests.branch,
    files,
    message: messageOf(session, request),
  };
  const result = await commitOnTop(wanted).catch((cause: unknown) => {
    throw notDelivered(stack, manifests, cause);
  });
  await recordMove(session, request, { remote, branch: manifests.branch, result });
  return { commit: result.to, moved: result.outcome === "moved" };
}

type Arrived = Exclude<BranchResult, { outcome: "changed" }>;

async function commitOnTop(wanted: Parameters<typeof commitFiles>[0]): Promise<Arrived> {
  for (let attempt = 1; ; attempt++) {
    const result = await commitFiles(wanted);
    if (result.outcome !== "changed") return result;
    if (attempt === attempts) throw new Error(`somebody else keeps writing it, last to ${result.actual ?? "nowhere"}`);
  }
}

/** What stands there, for people who read the branch. */
function releaseFile(environment: string, release: Release | undefined): string {
  const content = { environment, release: release?.id ?? null, commit: release?.commit ?? null };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

function messageOf({ stack, by }: Session, request: DeployRequest): string {
  const { verb, release } = request;
  const what = subjectWords(request);
  const subject = verb === "rollback" ? `${stack}: back to ${what}` : `${stack}: ${what}`;
  const trailers = release === undefined ? [] : [`Slipway-Release: ${release.id}`, `Slipway-Commit: ${release.commit}`];
  return [subject, "", ...trailers, `Slipway-By: ${by.replaceAll(/\s+/gu, " ")}`, ""].join("\n");
}

/** A commit that an earlier run made without living to record it is recorded now. */
async function recordMove(
  session: Session,
  { release }: DeployRequest,
  { remote, branch, result }: { remote: string; branch: string; result: Arrived },
): Promise<void> {
  const { workspace, stack, by, context } = session;
  const seen = lastManifests(await readLedger(workspace.store, stack), branch);
  if (result.outcome === "unchanged" && seen === result.to) return;
  const from = (result.outcome === "moved" ? result.from : seen) ?? null;
  const entry = { kind: "manifests-moved", by, branch, remote, from, to: result.to } as const;
  await session.record({ ...entry, ...(release === undefined ? {} : { release: release.id }) });
  const files = result.outcome === "moved" ? `${from?.slice(0, 12) ?? "new"} -> ${result.to.slice(0, 12)}` : "recorded";
  context.console.info(`manifests ${branch}: ${files} on ${remote}`);
}

/** The last record of a delivery to a branch, or to any; undefined where nothing was delivered. */
export const lastDelivery = (
  records: readonly LedgerRecord[],
  branch?: string,
): RecordOf<"manifests-moved"> | undefined =>
  records
    .filter((record): record is RecordOf<"manifests-moved"> => record.kind === "manifests-moved")
    .findLast((record) => branch === undefined || record.branch === branch);

/** Commit that an environment's manifests were seen at last; undefined where none were delivered. */
export const lastManifests = (records: readonly LedgerRecord[], branch: string): string | undefined =>
  lastDelivery(records, branch)?.to;

function notDelivered(stack: string, { branch, files }: Manifests, cause: unknown): SlipwayError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof SlipwayError ? cause.code : ExitCode.unexpected;
  return new SlipwayError(code, `The manifests of ${stack} could not be committed to ${branch}: ${why}`, {
    where: `branch ${branch}, ${plural(Object.keys(files).length, "file")}`,
    changed: `${stack} has its new infrastructure; its services run on as before`,
    next: "Check that this machine may push to the branch, then run the same command again.",
    cause,
  });
}
