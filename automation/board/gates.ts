import type { EnvironmentPolicy } from "../../config/promotion.ts";
import type { Context } from "../context.ts";
import { collectFacts } from "../deploy/promotion-facts.ts";
import { currentActor } from "../git/identity.ts";
import { currentRelease, lastVerified } from "../promotion/folds.ts";
import { decideGates } from "../promotion/gates.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import type { Workspace } from "../workspace.ts";
import type { GateAnswer, Problem } from "./facts.ts";
import { problemOf } from "./records.ts";

/** A release that may go on. */
export interface Candidate {
  release: string;
  commit: string;
}

type Records = readonly LedgerRecord[];

/** What would come to an environment next: what stands upstream, else what was verified there last; undefined where it is here already. */
export function candidateOf(upstream: Records, here: Records): Candidate | undefined {
  const standing = currentRelease(upstream);
  const { release, commit } = standing?.release !== undefined ? standing : (lastVerified(upstream) ?? {});
  const current = currentRelease(here);
  if (release === undefined || commit === undefined) return undefined;
  return current?.release === release && current.complete ? undefined : { release, commit };
}

/** Milliseconds after which the gates are asked again although no record has come: windows open, soaks pass, branches move. */
const askAgainMs = 60_000;

interface Asked {
  key: string;
  at: number;
  answer?: GateAnswer | Problem;
  asking?: Promise<void>;
}

/** Asks the gates of environments, as somebody who promotes now would be answered. */
export interface GateAsker {
  /** The answer that is known; with `wait` the one that comes. */
  of(policy: EnvironmentPolicy, records: ReadonlyMap<string, Records>, wait: boolean): Promise<Asked["answer"]>;
}

type Ask = (policy: EnvironmentPolicy, from: string, candidate: Candidate) => Promise<GateAnswer>;

/** A look at the remote takes its time, so that an earlier answer to the same question stands until the next one is there. */
export function gateAsker(ask: Ask, clock: () => number = () => performance.now()): GateAsker {
  const asked = new Map<string, Asked>();
  return {
    async of(policy, records, wait) {
      const { name, upstream = "" } = policy;
      const [before = [], here = []] = [records.get(upstream), records.get(name)];
      const candidate = candidateOf(before, here);
      if (candidate === undefined) return void asked.delete(name);
      const key = [before, here].map((one) => one.at(-1)?.hash ?? "").join(" ");
      let known = asked.get(name);
      if (known?.key !== key) asked.set(name, (known = { key, at: Number.NEGATIVE_INFINITY }));
      if (known.asking === undefined && clock() - known.at >= askAgainMs)
        known.asking = answered(known, ask(policy, upstream, candidate), clock);
      if (wait) await known.asking;
      return known.answer;
    },
  };
}

async function answered(known: Asked, asking: Promise<GateAnswer>, clock: () => number): Promise<void> {
  known.answer = await asking.catch(problemOf);
  known.at = clock();
  delete known.asking;
}

/** The gates of this workspace. The policy pack takes a preview of the engine, which the promotion itself makes. */
export function workspaceGates(context: Context, workspace: Workspace): GateAsker {
  const detail = "the policy pack is asked when the promotion runs";
  return gateAsker(async (environment, from, { release, commit }) => {
    const by = await currentActor(workspace.root, workspace.environment);
    const { remote } = workspace.policy;
    const target = { environment, commit, remote, tagIsThere: false, automatic: false };
    const policy = { pack: "policy", passed: true, detail };
    const facts = await collectFacts(workspace, target, { by, now: context.now(), policy });
    return { from, release, commit, decisions: decideGates(facts) };
  });
}
