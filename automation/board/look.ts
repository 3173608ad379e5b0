import type { Context } from "../context.ts";
import { readLook } from "../drift/look.ts";
import { git } from "../git/git.ts";
import { thisMachine } from "../lease/machine.ts";
import { deploymentLog } from "../metrics/attempts.ts";
import { commitGraph } from "../metrics/commit-graph.ts";
import { measure, type EnvironmentMetrics } from "../metrics/four-keys.ts";
import { readInflight } from "../promotion/inflight.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { stacksInOrder, type Workspace } from "../workspace.ts";
import type { EnvironmentFacts } from "./facts.ts";
import { workspaceGates } from "./gates.ts";
import { boardOf, type Board } from "./model.ts";
import { progressFollower } from "./progress.ts";
import { recordsReader, type KnownRecords } from "./records.ts";

export interface LookOptions {
  project: string;
  days: number;
  /** One look and no more: what takes its time is waited for. */
  once: boolean;
}

/** Looks at a workspace, from its store, this machine's event logs and git: no engine, no cloud, nothing changed. */
export interface Looker {
  look(): Promise<Board>;
  close(): Promise<void>;
}

type AllRecords = ReadonlyMap<string, readonly LedgerRecord[]>;

export function lookerOf(context: Context, workspace: Workspace, { project, days, once }: LookOptions): Looker {
  const { store, policy, root } = workspace;
  const readRecords = recordsReader(store);
  const progress = progressFollower(workspace.logDirectory, thisMachine.machine);
  const gates = workspaceGates(context, workspace);
  const subjectsOf = subjectReader(root);
  const metricsOf = metricsReader(root, days);
  let first = true;
  const factsOf = async (name: string, known: KnownRecords, all: AllRecords): Promise<EnvironmentFacts> => {
    const [inflight, drift] = await Promise.all([readInflight(store, name), readLook(store, name)]);
    const running = inflight?.marker;
    let far = progress.of(running, name);
    if (once) far = await progress.close().then(() => progress.of(running, name));
    const own = policy.environments.find((one) => one.name === name);
    const asks = own?.upstream !== undefined && running === undefined && known.problem === undefined;
    const answer = asks ? await gates.of(own, all, first || once) : undefined;
    return {
      ...{ name, upstream: own?.upstream, takesReleases: own !== undefined, ...known },
      ...(running === undefined ? {} : { running }),
      ...(far === undefined ? {} : { progress: far }),
      ...(answer === undefined ? {} : { gates: answer }),
      ...(drift === undefined ? {} : { drift }),
    };
  };
  return {
    async look() {
      const now = context.now();
      const names = stacksInOrder(workspace);
      const read = await Promise.all(names.map(async (name) => [name, await readRecords(name)] as const));
      const all = new Map(read.map(([name, { records }]) => [name, records]));
      const facts = await Promise.all(read.map(([name, known]) => factsOf(name, known, all)));
      const [metrics, subjects] = await Promise.all([metricsOf(all, now), subjectsOf(commitsOf(facts))]);
      first = false;
      const environments = facts.map((one) => withMetrics(one, metrics.get(one.name)));
      return boardOf({ project, days, now, environments, subjects });
    },
    close: () => progress.close(),
  };
}

const withMetrics = (facts: EnvironmentFacts, metrics: EnvironmentMetrics | undefined): EnvironmentFacts =>
  metrics === undefined ? facts : { ...facts, metrics };

const commitsOf = (facts: readonly EnvironmentFacts[]): string[] =>
  facts.flatMap(({ records, running }) => [
    ...records.flatMap((record) => ("commit" in record && record.commit !== undefined ? [record.commit] : [])),
    ...(running?.commit === undefined ? [] : [running.commit]),
  ]);

/** First lines of commit messages; a commit is asked about once, for it never changes. */
function subjectReader(root: string): (commits: readonly string[]) => Promise<ReadonlyMap<string, string>> {
  const asked = new Set<string>();
  const subjects = new Map<string, string>();
  return async (commits) => {
    const fresh = [...new Set(commits)].filter((commit) => !asked.has(commit));
    if (fresh.length === 0) return subjects;
    for (const commit of fresh) asked.add(commit);
    const args = [
      "log",
      "--no-walk=unsorted",
      "--ignore-missing",
      "--no-show-signature",
      "-z",
      "--format=%H %s",
      "--stdin",
    ];
    // Without a repository a board has no subjects, and everything else.
    const output = await git(root, args, { input: `${fresh.join("\n")}\n` }).catch(() => "");
    for (const line of output.split("\0")) {
      const space = line.indexOf(" ");
      if (space > 0) subjects.set(line.slice(0, space), line.slice(space + 1));
    }
    return subjects;
  };
}

/** The figures change with the records; time alone moves them slowly. */
const measureAgainMs = 10 * 60_000;

function metricsReader(root: string, days: number) {
  let known: { key: string; at: number; metrics: ReadonlyMap<string, EnvironmentMetrics> } | undefined;
  return async (all: AllRecords, now: Date): Promise<ReadonlyMap<string, EnvironmentMetrics>> => {
    const key = [...all.values()].map((records) => records.at(-1)?.hash ?? "").join(" ");
    if (known?.key === key && now.getTime() - known.at < measureAgainMs) return known.metrics;
    const logs = [...all]
      .filter(([, records]) => records.length > 0)
      .map(([name, records]) => deploymentLog(name, records));
    const commits = logs.flatMap(({ attempts }) => attempts.flatMap(({ commit }) => commit ?? []));
    const graph = await commitGraph(root, commits).catch(() => new Map<string, never>());
    const views = logs.map((log) => measure(log, graph, days, now.getTime()).metrics);
    const metrics = new Map(views.map((view) => [view.environment, view]));
    known = { key, at: now.getTime(), metrics };
    return metrics;
  };
}
