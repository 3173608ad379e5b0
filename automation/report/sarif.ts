import type { Finding } from "../../streams/engine/finding.ts";

/** Findings as SARIF 2.1.0, which code hosts show beside the lines of a change. */
export function sarif(findings: readonly Finding[]): Record<string, unknown> {
  const first = new Map<string, Finding>();
  for (const finding of findings) if (!first.has(finding.rule)) first.set(finding.rule, finding);
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
        tool: { driver: { name: "slipway streams lint", rules } },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { SRCROOT: { description: { text: "The root of the checkout." } } },
        results: findings.map((finding) => ({ ...result(finding), ruleIndex: ids.indexOf(finding.rule) })),
      },
    ],
  };
}

function result({ rule, severity, file, line, column, path, message, why, fix }: Finding) {
  const uri = file.split("/").map(encodeURIComponent).join("/");
  const artifactLocation = file.startsWith("/") ? { uri: `file://${uri}` } : { uri, uriBaseId: "SRCROOT" };
  const region = { startLine: line, startColumn: column };
  return {
    ruleId: rule,
    level: severity,
    message: { text: `${path === "" ? "" : `${path}: `}${message}: ${why}. Fix: ${fix}` },
    locations: [{ physicalLocation: { artifactLocation, region } }],
  };
}
