import type { StreamProject } from "../files/project.ts";
import { type Finding, inOrder } from "../finding.ts";
import { calls } from "./calls.ts";
import { companions } from "./companions.ts";
import { connections, connectionsByName, declaredConnections } from "./connections.ts";
import { dlq } from "./dlq.ts";
import { expressions } from "./expressions.ts";
import { names } from "./names.ts";
import { placement } from "./placement.ts";
import { plainSecrets } from "./secrets.ts";
import { shape } from "./shape.ts";
import { sinks } from "./sinks.ts";
import { sources } from "./sources.ts";
import { type ProjectRule, type Rule, subjectOf } from "./subject.ts";
import { tierPolicies, tierRules } from "./tiers.ts";
import { windows } from "./windows.ts";

const rules: readonly Rule[] = [
  ...[placement, shape, sources, windows, calls, sinks].flat(),
  ...[dlq, expressions, connections, names, tierRules].flat(),
];
const projectRules: readonly ProjectRule[] = [...declaredConnections, plainSecrets, ...tierPolicies, ...companions];

/** Everything that is wrong in a folder of streams, files that cannot be read included, in the order of files and places. */
export function lint(project: StreamProject, { environment }: { environment?: string | undefined } = {}): Finding[] {
  const environments = [...project.environments.values()].filter(
    ({ name }) => environment === undefined || name === environment,
  );
  const byName = connectionsByName(project);
  const findings: Finding[] = [...project.findings];
  for (const processor of project.processors) {
    const subject = subjectOf(processor, project, byName, environments);
    for (const rule of rules) findings.push(...rule(subject));
  }
  for (const rule of projectRules) findings.push(...rule(project, environments));
  return inOrder(once(findings));
}

/** What holds in several environments in the same words is said once. */
function once(findings: readonly Finding[]): Finding[] {
  const said = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...said.values()];
}
