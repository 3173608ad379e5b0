import { type Tier, tiers } from "./documents.ts";
import type { Finding } from "../finding.ts";

/** `environments/<environment>/config.env`. */
export interface EnvironmentConfig {
  workspaceName: string | undefined;
  /** One tier for every processor that says nothing else, or the advisor's. */
  defaultTier: Tier | "auto" | undefined;
  /** The largest tier that the workspace starts a processor on; without one any. */
  maxTier: Tier | undefined;
  /** The file, and the line of each variable in it. */
  file: string;
  lines: Readonly<Record<string, number>>;
  /** Everything as it is written, references to other variables included: nothing is expanded or executed. */
  variables: Readonly<Record<string, string>>;
}

/** Variables that say something here. */
export const knownVariables: ReadonlySet<string> = new Set([
  "ATLAS_PUBLIC_KEY",
  "ATLAS_PRIVATE_KEY",
  "PROJECT_ID",
  "WORKSPACE_NAME",
  "DEFAULT_TIER",
  "MAX_TIER",
]);
const secret = /KEY|SECRET|PASSWORD|TOKEN/;

/** Reads KEY=value lines. The file is data: a shell would run what stands in it. */
export function parseEnvironment(file: string, text: string): { config: EnvironmentConfig; findings: Finding[] } {
  const variables: Record<string, string> = {};
  const lines: Record<string, number> = {};
  const findings: Finding[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, name, given = ""] = /^(?:export\s+)?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    const value = unquoted(given);
    const place = { severity: "error", file, line: index + 1, column: 1, path: "" } as const;
    const found = name === undefined ? [notAPair] : problemsOf(name, value, name in variables);
    findings.push(...found.map((problem) => ({ ...place, ...problem })));
    if (name === undefined) continue;
    variables[name] = value;
    lines[name] = index + 1;
  }
  const defaultTier: Tier | "auto" | undefined =
    variables["DEFAULT_TIER"] === "auto" ? "auto" : tierOf(variables["DEFAULT_TIER"]);
  const read = { workspaceName: variables["WORKSPACE_NAME"], defaultTier, maxTier: tierOf(variables["MAX_TIER"]) };
  return { config: { ...read, file, lines, variables }, findings };
}

const tierOf = (text: string | undefined) => tiers.find((tier) => tier === text);

type Problem = Pick<Finding, "rule" | "message" | "why" | "fix"> & { severity?: Finding["severity"] };

const notAPair: Problem = {
  rule: "env/syntax",
  message: "not KEY=value",
  why: "the file is read as data and never executed",
  fix: "write KEY=value, or # before a remark",
};

function problemsOf(name: string, value: string, twice: boolean): Problem[] {
  const problems: (Problem | false)[] = [
    twice && {
      rule: "env/duplicate",
      message: `${name} is there twice`,
      why: "only one of them can count",
      fix: "remove one",
    },
    !knownVariables.has(name) && {
      ...{ rule: "env/unknown", severity: "warning" as const, message: `${name} is not read` },
      ...{ why: "nothing uses it", fix: `remove it; known are ${[...knownVariables].join(", ")}` },
    },
    // The value itself is never repeated.
    secret.test(name) &&
      value !== "" &&
      !/^\$\{?\w+\}?$/.test(value) && {
        rule: "env/secret",
        message: `${name} holds a value`,
        why: "whoever reads the repository has the key",
        fix: `write ${name}=$${name} and keep the value outside of git`,
      },
    (name === "DEFAULT_TIER" || name === "MAX_TIER") &&
      !(name === "DEFAULT_TIER" && value === "auto") &&
      tierOf(value) === undefined && {
        rule: "env/tier",
        message: `${name} is ${JSON.stringify(value)}`,
        why: "Atlas has no such tier",
        fix: `use ${name === "DEFAULT_TIER" ? "auto or " : ""}one of ${tiers.join(", ")}`,
      },
  ];
  return problems.filter((problem) => problem !== false);
}

function unquoted(text: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  return quoted === null ? text.replace(/\s+#.*$/, "").trim() : (quoted[2] ?? "");
}
