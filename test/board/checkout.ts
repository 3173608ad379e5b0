import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { run } from "../../automation/commands/board.ts";
import type { CommandResult } from "../../automation/commands/result.ts";
import { createContext } from "../../automation/context.ts";
import { thisProcess } from "../../automation/lease/machine.ts";
import { acquireLease, type Lease } from "../../automation/lease/lease.ts";
import { append } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry } from "../../automation/promotion/ledger-records.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { commitFiles, gitIn, repositoryWith, type Scratch } from "../git/throw-away.ts";
import { checks, release } from "./sample.ts";

/** A repository with a remote, a store and a board over both. */
export interface BoardCheckout {
  root: string;
  store: DirectoryStore;
  /** Where engines of this checkout write their events. */
  logs: string;
  commits: readonly string[];
  record(environment: string, entry: LedgerEntry): Promise<unknown>;
  /** The nth release, of the nth commit, brought up and verified. */
  deploy(environment: string, n: number): Promise<void>;
  promoted(n: number): LedgerEntry;
  verified(n: number): LedgerEntry;
  /** Takes the lease as a promotion does that runs on this machine. */
  begin(environment: string, n: number, eventLog?: string): Promise<Lease>;
  /** `slipway board` to its end. */
  board(options: Record<string, unknown>): Promise<CommandResult>;
  /** The same, served: its address, and how to press Ctrl-C. */
  serve(): Promise<{ address: string; stop(): Promise<CommandResult> }>;
}

/** @param subjects first lines of the commits, oldest first */
export function boardCheckout(temporary: Scratch, subjects: readonly string[]): BoardCheckout {
  const root = temporary.directory();
  const store = new DirectoryStore(join(root, ".slipway", "store"));
  const logs = join(root, ".slipway", "logs");
  mkdirSync(logs, { recursive: true });
  const commits = committed(temporary, root, subjects);
  const subject = (n: number) => ({ by: "Ada <ada@example.com>", release: release(n), commit: commits[n] ?? "" });
  const promoted = (n: number): LedgerEntry => ({
    ...{ kind: "promoted", verb: "promote", seconds: 90, resources: 12, changes: { update: n } },
    ...subject(n),
  });
  const verified = (n: number): LedgerEntry => ({
    ...{ kind: "verified", seconds: 3, checks: checks({ "api answers": true, "orders arrive": true }) },
    ...subject(n),
  });
  const record = (environment: string, entry: LedgerEntry) => append(store, environment, entry, () => new Date());
  return {
    ...{ root, store, logs, commits, record, promoted, verified },
    async deploy(environment, n) {
      await record(environment, promoted(n));
      await record(environment, verified(n));
    },
    begin: (environment, n, eventLog) => taken(store, environment, { ...subject(n), eventLog }),
    board: (options) => runBoard(root, options).ended,
    serve: () => runBoard(root, { port: "0" }).served,
  };
}

function committed(temporary: Scratch, root: string, subjects: readonly string[]): string[] {
  const policy = readFileSync(join(import.meta.dirname, "..", "..", "config", "promotion.yaml"), "utf8");
  const stacks = Object.fromEntries(["dev", "staging", "prod"].map((name) => [`Pulumi.${name}.yaml`, "config: {}\n"]));
  const files = {
    "Pulumi.yaml": "name: slip<way>\n",
    "config/promotion.yaml": policy,
    ".gitignore": ".slipway/\n",
    ...stacks,
  };
  const commits = [repositoryWith(root, files)];
  for (const [index, subject] of subjects.entries()) commits.push(commitFiles(root, { a: String(index) }, subject));
  const remote = temporary.directory();
  gitIn(remote, "init", "--quiet", "--bare");
  gitIn(root, "remote", "add", "origin", remote);
  gitIn(root, "push", "--quiet", "origin", "main");
  return commits;
}

async function taken(
  store: DirectoryStore,
  environment: string,
  { by, release: id, commit, eventLog }: { by: string; release: string; commit: string; eventLog: string | undefined },
): Promise<Lease> {
  const startedAt = new Date().toISOString();
  const holder = { who: by, verb: "promote", ...thisProcess(), startedAt, release: id, commit };
  const result = await acquireLease(store, {
    environment,
    holder: eventLog === undefined ? holder : { ...holder, eventLog },
  });
  if (!result.ok) throw new Error(`${environment} is held`);
  return result.lease;
}

function runBoard(root: string, options: Record<string, unknown>) {
  const abort = new AbortController();
  let onAddress: (address: string) => void = () => undefined;
  const address = new Promise<string>((resolve) => (onAddress = resolve));
  const stderr = new Writable({
    write(chunk, _encoding, next) {
      const [, found] = /(http:\/\/127\.0\.0\.1:\d+\/)/.exec(String(chunk)) ?? [];
      if (found !== undefined) onAddress(found);
      next();
    },
  });
  const stdout = new Writable({ write: (_chunk, _encoding, next) => next() });
  const context = createContext({
    ...{ options: {}, environment: { NO_COLOR: "1" }, cwd: root, stdout, stderr },
    ...{ signal: abort.signal, terminate: abort.signal },
  });
  const ended = run(context, [], options);
  const stop = () => {
    abort.abort();
    return ended;
  };
  const served = Promise.race([address, ended.then(() => Promise.reject(new Error("it ended")))]);
  // Only who serves asks for an address.
  served.catch(() => undefined);
  return { ended, served: served.then((found) => ({ address: found, stop })) };
}
