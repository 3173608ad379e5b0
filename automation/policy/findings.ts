import { heads } from "../../policy/catalog.ts";
import type { Finding } from "../../policy/evaluate.ts";
import { problemOf } from "../../policy/message.ts";
import type { PolicyEvent } from "../engine/events.ts";

export type { Finding } from "../../policy/evaluate.ts";

/** What the engine's policy events say, each once: an update that looks first says everything twice. */
export function findingsOf(events: readonly PolicyEvent[]): Finding[] {
  const found = new Map<string, Finding>();
  for (const event of events) {
    const finding = findingOf(event);
    found.set(JSON.stringify([finding.rule, finding.urn, finding.property, finding.message]), finding);
  }
  return [...found.values()].sort((a, b) => order(a) - order(b) || a.urn.localeCompare(b.urn));
}

const order = ({ level }: Finding): number => (level === "mandatory" ? 0 : 1);

/** A pack of another commit may know rules that this driver does not: their text is all there is then. */
function findingOf({ policyName, enforcementLevel, resourceUrn, message }: PolicyEvent): Finding {
  const head = heads.find(({ id }) => id === policyName);
  return {
    rule: policyName,
    level: enforcementLevel === "mandatory" ? "mandatory" : "advisory",
    urn: resourceUrn ?? "",
    ...problemOf(message),
    why: head?.why ?? "",
    fix: head?.fix ?? "",
  };
}

/** Those that stop a run. */
export const mandatory = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ level }) => level === "mandatory");
