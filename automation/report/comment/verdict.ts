import { verdicts, type Change, type PolicyFinding, type StackPreview, type Verdict } from "./model.ts";

/** Whether something that stands is taken away, for a moment or for good. */
export const isDestructive = ({ op }: Pick<Change, "op">): boolean => op === "replace" || op.startsWith("delete");

/** Findings that stop a deployment. */
export const blocking = (findings: readonly PolicyFinding[]): PolicyFinding[] =>
  findings.filter(({ level }) => level === "mandatory");

/** What is to be said of one stack. */
export function verdictOfStack(stack: StackPreview): Verdict {
  // The engine ends a preview with an error when a policy refuses: that is the policy's word and no failure.
  if (blocking(stack.findings).length > 0 && stack.failure === undefined) return "blocked";
  if (stack.outcome !== "previewed") return "failed";
  if (stack.changes.some(isDestructive)) return "destructive";
  return stack.changes.length > 0 ? "changes" : "none";
}

/** The worst of several; nothing at all is good. */
export function worstVerdict(of: readonly Verdict[]): Verdict {
  return verdicts.find((verdict) => of.includes(verdict)) ?? "none";
}

/** Worst first, then by name. */
export function byUrgency(stacks: readonly StackPreview[]): StackPreview[] {
  const placed = stacks.map((stack) => ({ stack, place: verdicts.indexOf(verdictOfStack(stack)) }));
  placed.sort((a, b) => a.place - b.place || (a.stack.stack < b.stack.stack ? -1 : 1));
  return placed.map(({ stack }) => stack);
}
