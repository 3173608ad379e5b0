import { nameOfUrn, typeOfUrn } from "../engine/urn.ts";
import type { Finding } from "../policy/findings.ts";
import type { Console } from "./console.ts";
import { plural } from "./text.ts";
import { sarifDocument } from "./sarif-document.ts";

/** One finding as a line for errors and records: resource, property, what is wrong. */
export const findingLine = ({ rule, urn, property, message }: Finding): string =>
  `${nameOfUrn(urn)} (${typeOfUrn(urn)}) ${property}: ${message} [${rule}]`;

/** Findings for people: resource, property, what is wrong, why that matters, and what to do. */
export function policyLines({ colors }: Console, findings: readonly Finding[]): string[] {
  const marks = { mandatory: colors.red("mandatory"), advisory: colors.yellow("advisory") };
  return findings.flatMap(({ rule, level, urn, property, message, why, fix }) => [
    `  ${marks[level]} ${colors.bold(nameOfUrn(urn))} ${colors.dim(typeOfUrn(urn))} ${property}: ${message} ${colors.dim(rule)}`,
    ...(why === "" ? [] : [`    ${why}`]),
    ...(fix === "" ? [] : [`    ${colors.dim("to do:")} ${fix}`]),
  ]);
}

/** How many findings there are of either level, in words. */
export function verdictLine(findings: readonly Finding[]): string {
  const stops = findings.filter(({ level }) => level === "mandatory").length;
  if (findings.length === 0) return "the policy pack has nothing against it";
  return `${plural(stops, "mandatory finding")}, ${plural(findings.length - stops, "advisory one")}`;
}

/** Findings as SARIF 2.1.0. Resources have no line: the stack file stands for the place, the URN names the resource. */
export const policySarif = (stack: string, findings: readonly Finding[]): Record<string, unknown> =>
  sarifDocument("slipway policy", findings, (finding) => result(stack, finding));

function result(stack: string, { rule, level, urn, property, message, why, fix }: Finding): Record<string, unknown> {
  const artifactLocation = { uri: `Pulumi.${stack}.yaml`, uriBaseId: "SRCROOT" };
  return {
    ruleId: rule,
    level: level === "mandatory" ? "error" : "warning",
    message: { text: `${nameOfUrn(urn)} ${property}: ${message}. ${why}. To do: ${fix}` },
    locations: [
      {
        physicalLocation: { artifactLocation, region: { startLine: 1 } },
        logicalLocations: [{ name: nameOfUrn(urn), fullyQualifiedName: urn, kind: "resource" }],
      },
    ],
    // A code host would take two findings at one place of a file for the same one.
    partialFingerprints: { "slipwayPolicy/v1": `${rule} ${urn} ${property}` },
  };
}
