import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Context } from "../../automation/context.ts";
import type { deploy } from "../../automation/deploy/deploy.ts";
import { promote, type PromoteReport, type PromoteRequest } from "../../automation/deploy/promote.ts";
import { resolveTarget, type TargetRequest } from "../../automation/deploy/promotion-target.ts";
import { append, readLedger } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { noArtifacts, releaseId, type Release } from "../../automation/release/manifest.ts";
import { manifestText, releaseKey } from "../../automation/release/releases.ts";
import { createConsole } from "../../automation/report/console.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import type { Workspace } from "../../automation/workspace.ts";
import type { PromotionPolicy } from "../../config/promotion.ts";
import { dev, prod, staging } from "../promotion/gate-facts.ts";

const policy: PromotionPolicy = {
  remote: "origin",
  protectedBranch: "main",
  versionTags: "prod",
  environments: [dev, staging, prod],
};

/** What happens between the engine's end and the verdict. */
type Meanwhile = () => void;

/** A checkout with its ledgers, and promotions whose engine is a stand-in that does as a deployment would. */
export interface Lab {
  context: Context;
  workspace: Workspace;
  output(): string;
  release(commit: string): Promise<Release>;
  record(environment: string, entry: LedgerEntry): Promise<LedgerRecord>;
  records(environment: string): Promise<LedgerRecord[]>;
  kinds(environment: string): Promise<string[]>;
  /** Release of the commit, verified in an environment. */
  verifiedIn(environment: string, commit: string): Promise<Release>;
  promote(
    target: Partial<TargetRequest>,
    more?: Partial<PromoteRequest> & {
      meanwhile?: Meanwhile;
      beforeLease?: Meanwhile;
      onLease?: () => Promise<unknown>;
    },
  ): Promise<PromoteReport>;
}

export function labAt(root: string, directory: string, changed: Partial<PromotionPolicy> = {}): Lab {
  const { context, output } = contextAt(root);
  const { workspace, store } = workspaceAt(root, directory, changed);
  const records = (environment: string) => readLedger(store, environment);
  const record = (environment: string, entry: LedgerEntry) => append(store, environment, entry, context.now);
  const release = (commit: string) => releaseFor(store, commit);
  const lease = mutex();
  return {
    context,
    workspace,
    output,
    release,
    record,
    records,
    kinds: async (environment) => (await records(environment)).map(({ kind }) => kind),
    async verifiedIn(environment, commit) {
      const made = await release(commit);
      await record(environment, { kind: "verified", by: "ada", release: made.id, commit, seconds: 1, checks: [] });
      return made;
    },
    async promote(target, { meanwhile, beforeLease, onLease, ...more } = {}) {
      const whole = {
        environment: undefined,
        commit: undefined,
        release: undefined,
        tag: undefined,
        remote: undefined,
        ...target,
      };
      const request = { ...(await resolveTarget(workspace, whole)), dryRun: false, ...more };
      beforeLease?.();
      return promote(context, workspace, request, standIn(record, lease, { meanwhile, onLease }));
    },
  };
}

function contextAt(root: string): { context: Context; output(): string } {
  const stderr = new PassThrough();
  let said = "";
  stderr.on("data", (chunk) => (said += String(chunk)));
  const signal = new AbortController().signal;
  const console = createConsole({ json: false, verbose: false, stdout: new PassThrough(), stderr, environment: {} });
  const flags = { sandbox: false, json: false, verbose: false };
  const context = { root, environment: {}, ...flags, console, now: () => new Date(), signal, terminate: signal };
  return { context, output: () => said };
}

function workspaceAt(root: string, directory: string, changed: Partial<PromotionPolicy>) {
  const store = new DirectoryStore(join(directory, "store"));
  const workspace: Workspace = {
    ...{ root, directory, store, sandbox: undefined },
    logDirectory: join(directory, "logs"),
    worktreeDirectory: join(directory, "worktrees"),
    environment: { GITHUB_ACTOR: "octocat" },
    stacks: ["dev", "staging", "prod"],
    policy: { ...policy, ...changed },
    cli: () => Promise.reject(new Error("no engine here")),
  };
  return { workspace, store };
}

/** The deployment without its engine: one at a time, hooks and records in their order. */
const standIn =
  (
    record: Lab["record"],
    lease: Mutex,
    { meanwhile, onLease }: { meanwhile: Meanwhile | undefined; onLease: (() => Promise<unknown>) | undefined },
  ): typeof deploy =>
  (_context, _workspace, request) =>
    lease(async () => {
      const { stack, release } = request;
      await onLease?.();
      await request.beforeChange?.();
      const subject = {
        by: "octocat",
        ...(release === undefined ? {} : { release: release.id, commit: release.commit }),
      };
      await record(stack, { ...subject, kind: "promoted", verb: "promote", seconds: 1, resources: 1, changes: {} });
      meanwhile?.();
      await record(stack, {
        ...subject,
        kind: "verified",
        seconds: 1,
        checks: [],
        ...(await request.beforeVerdict?.()),
      });
      return { stack, release, checks: [], recorded: true, seconds: 1 } as unknown as Awaited<
        ReturnType<typeof deploy>
      >;
    });

type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

function mutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}

async function releaseFor(store: DirectoryStore, commit: string): Promise<Release> {
  const content = {
    schema: 1 as const,
    commit,
    tree: commit,
    program: `sha256:${"1".repeat(64)}`,
    artifacts: noArtifacts(),
  };
  const release: Release = { ...content, id: releaseId(content), createdAt: "2026-01-01T00:00:00.000Z" };
  await store.put(releaseKey(release.id), manifestText(release), { ifAbsent: true });
  await store.put(`releases/by-commit/${commit}.json`, JSON.stringify({ release: release.id }), { ifAbsent: true });
  return release;
}
