import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { BuiltImage } from "./services.ts";
import { toolError, tryTool } from "./tool.ts";

/** From harmless to worst, as Trivy names them. */
export const SEVERITIES = ["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;
/** Trivy's exit code for findings, chosen to be none of its own. */
const FOUND = 10;

export interface ScanResult {
  service: string;
  image: string;
  /** Where the report is, from the root. */
  sarif: string;
  findings: number;
}

/** This severity and all that are worse. Throws on a name that is none. */
export function severitiesFrom(name: string): string[] {
  const from = SEVERITIES.findIndex((severity) => severity === name.toUpperCase());
  if (from >= 0) return SEVERITIES.slice(from);
  const known = SEVERITIES.map((severity) => severity.toLowerCase()).join(", ");
  throw new SlipwayError(ExitCode.usage, `--severity: got "${name}".`, { next: `Use one of: ${known}.` });
}

/** Looks for known vulnerabilities in an image and writes what was found as SARIF. Findings are an answer, not an error. */
export async function scanImage(
  context: Context,
  built: BuiltImage,
  severities: readonly string[],
  folder: string,
): Promise<ScanResult> {
  const file = path.resolve(context.root, folder, `${built.service}.sarif`);
  await mkdir(path.dirname(file), { recursive: true });
  const args = [
    ...["image", "--scanners", "vuln", "--severity", severities.join(",")],
    ...["--format", "sarif", "--output", file, "--exit-code", String(FOUND), built.image],
  ];
  const result = await tryTool(context, "trivy", args);
  if (result.exitCode !== 0 && result.exitCode !== FOUND) throw toolError("trivy", args, result);
  const findings = await countFindings(file);
  // The exit code decides as well: a report that is cut short must not look like a clean one.
  return {
    service: built.service,
    image: built.image,
    sarif: path.relative(context.root, file),
    findings: result.exitCode === FOUND ? Math.max(1, findings) : findings,
  };
}

const reportSchema = z.object({ runs: z.array(z.object({ results: z.array(z.unknown()).default([]) })) });

async function countFindings(file: string): Promise<number> {
  const text = await readFile(file, "utf8").catch(() => "");
  const report = reportSchema.safeParse(text === "" ? undefined : JSON.parse(text));
  if (report.success) return report.data.runs.reduce((sum, { results }) => sum + results.length, 0);
  throw new SlipwayError(ExitCode.resourceFailed, "Trivy wrote no report.", {
    where: file,
    next: "see that `trivy --version` is 0.50 or newer",
  });
}
