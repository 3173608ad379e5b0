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
    for (const rule of rules) for (const finding of atMost(rule(subject))) findings.push(finding);
  }
  for (const rule of projectRules) for (const finding of rule(project, environments)) findings.push(finding);
  return inOrder(once(findings));
}

/** How often a rule speaks about one processor; a file that a machine wrote can break one a hundred thousand times. */
const mostOfOneRule = 100;

function* atMost(findings: Iterable<Finding>): Generator<Finding> {
  let count = 0;
  for (const finding of findings) {
    count += 1;
    if (count > mostOfOneRule) {
      yield { ...finding, message: `${finding.message}; and more of the kind, which are not shown` };
      return;
    }
    yield finding;
  }
}

/** What holds in several environments in the same words is said once. */
function once(findings: readonly Finding[]): Finding[] {
  const said = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...said.values()];
}
