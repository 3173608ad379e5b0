import type { Finding } from "../../streams/engine/finding.ts";
import { sarifDocument } from "./sarif-document.ts";

/** Findings as SARIF 2.1.0. */
export const sarif = (findings: readonly Finding[]): Record<string, unknown> =>
  sarifDocument("slipway streams lint", findings, result);

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
