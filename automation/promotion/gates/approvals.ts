import { plural } from "../../report/text.ts";
import type { LedgerRecord, RecordOf } from "../ledger-records.ts";
import { gate, pass, refuse, short, type Gate, type GateFacts } from "./gate.ts";

/**
 * One name for a person whom git and CI write differently: the e-mail address in lower case, or the login, which is also what an
 * address that GitHub hands out for commits stands for.
 */
export function personOf(identity: string): string {
  const address = /<([^<>\s]+@[^<>\s]+)>\s*$/u.exec(identity)?.[1] ?? identity.trim();
  const login = /^(?:\d+\+)?([^@\s]+)@users\.noreply\.github\.com$/iu.exec(address)?.[1];
  return (login ?? address).toLowerCase();
}

type Approval = RecordOf<"approved">;

export interface ApprovalCount {
  /** The latest approval of each person that counts. */
  counted: Approval[];
  /** The others, with what is wrong with them. */
  discounted: { approval: Approval; why: string }[];
}

type ApprovalFacts = Pick<GateFacts, "environment" | "records" | "upstream" | "author" | "promoter" | "plan"> & {
  release: { id: string };
};

/** Which approvals of a release hold. Those from before it failed last were given to something believed to work. */
export function countApprovals(facts: ApprovalFacts): ApprovalCount {
  const people = new Map<string, Approval>();
  const discounted: ApprovalCount["discounted"] = [];
  const failure = lastFailure(facts);
  for (const approval of facts.records) {
    if (approval.kind !== "approved" || approval.release !== facts.release.id) continue;
    const why = flawOf(approval, facts, failure);
    if (why === undefined) people.set(personOf(approval.by), approval);
    else discounted.push({ approval, why });
  }
  return { counted: [...people.values()], discounted };
}

function flawOf(approval: Approval, facts: ApprovalFacts, failure: Failure): string | undefined {
  const { environment, author, promoter, plan } = facts;
  const { from, notSelf = true } = environment.approvals ?? {};
  const person = personOf(approval.by);
  if (approval.plan !== plan) return plan === undefined ? "given to a saved plan" : "given to another plan";
  if (isOlder(approval, failure)) return "older than the release's last failure";
  if (from !== undefined && !from.some((allowed) => personOf(allowed) === person)) return "not by one who may approve";
  if (!notSelf) return undefined;
  if (author !== undefined && personOf(author) === person) return "by the author of the commit";
  return personOf(promoter) === person ? "by the one who promotes" : undefined;
}

interface Failure {
  /** Place of the last failure in the environment's own ledger and in the one upstream, 0 without one. */
  sequence: number;
  upstreamSequence: number;
  /** Time of the last one upstream, no earlier than any time written before it. */
  upstreamAt: number;
}

function lastFailure({ records, upstream, release }: ApprovalFacts): Failure {
  const before = upstream?.records ?? [];
  const last = before.findLastIndex((record) => isFailure(record, release.id));
  const times = before.slice(0, last + 1).map(({ at }) => Date.parse(at));
  return {
    sequence: records.findLast((record) => isFailure(record, release.id))?.sequence ?? 0,
    upstreamSequence: before[last]?.sequence ?? 0,
    upstreamAt: times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  };
}

function isOlder({ sequence, upstreamSequence: seen, at }: Approval, failure: Failure): boolean {
  if (sequence <= failure.sequence) return true;
  return seen === undefined ? Date.parse(at) <= failure.upstreamAt : seen < failure.upstreamSequence;
}

const isFailure = (record: LedgerRecord, release: string): boolean =>
  (record.kind === "failed" && record.release === release) ||
  (record.kind === "rolled-back" && record.from === release);

export const approvals: Gate = gate("approvals", (facts) => {
  const { environment, release, plan } = facts;
  const asked = environment.approvals;
  if (asked === undefined) return pass("no approval is asked for");
  if (release === undefined) return refuse("without a release there is nothing to approve");
  const { counted, discounted } = countApprovals({ ...facts, release });
  const names = counted.map(({ by }) => by).join(", ");
  const what =
    plan === undefined ? `release ${short(release.id)}` : `plan ${short(plan)} of release ${short(release.id)}`;
  const given = `${plural(counted.length, "approval")} of ${what}${names === "" ? "" : ` (${names})`}`;
  if (counted.length >= asked.count) return pass(`${given}, ${asked.count} asked for`);
  const others = discounted.map(({ approval, why }) => `one by ${approval.by} does not count: ${why}`);
  const reason = [`${given}, ${asked.count} asked for`, ...new Set(others)].join("; ");
  const bound = plan === undefined ? "" : ` --plan ${plan}`;
  return refuse(reason, `slipway approve ${environment.name} --release ${release.id}${bound}`);
});
