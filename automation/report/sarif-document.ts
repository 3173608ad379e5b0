/** What a finding of any kind says of its rule. */
interface Ruled {
  rule: string;
  why: string;
  fix: string;
}

/** One run of a tool as SARIF 2.1.0, which code hosts show beside the lines of a change; `result` says where a finding is. */
export function sarifDocument<F extends Ruled>(
  tool: string,
  findings: readonly F[],
  result: (finding: F) => Record<string, unknown>,
): Record<string, unknown> {
  const first = new Map(findings.toReversed().map((finding) => [finding.rule, finding]));
  const ids = [...first.keys()].sort();
  const rules = ids.map((id) => ({
    id,
    shortDescription: { text: id },
    fullDescription: { text: first.get(id)?.why ?? id },
    help: { text: first.get(id)?.fix ?? id },
  }));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: tool, rules } },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { SRCROOT: { description: { text: "The root of the checkout." } } },
        results: findings.map((finding) => ({ ...result(finding), ruleIndex: ids.indexOf(finding.rule) })),
      },
    ],
  };
}
