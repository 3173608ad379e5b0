import type { RunInput } from "../model/run/inputs.ts";
import type { ModelVersion } from "../model/registry/documents.ts";
import type { Console } from "./console.ts";
import { number } from "./model-number.ts";
import { table } from "./table.ts";
import { duration } from "./time.ts";

/** A step of a run, wherever it ran. */
interface ReportedStep {
  step: string;
  type: string;
  status: string;
  seconds: number;
  detail?: string;
  /** Of a cached step: the execution that ran it. */
  execution?: string;
}

/** What a run came to, for people and machines. */
export interface RunReport {
  environment: string | undefined;
  mode: "local" | "aws";
  execution: string;
  input: RunInput | undefined;
  steps: readonly ReportedStep[];
  version: ModelVersion | undefined;
  /** False where this very model was registered before. */
  created: boolean;
  /** Where versions are. */
  registry: string;
  /** Whether services see the version as it is. */
  visible: boolean;
  /** Where the artifact is, as a person finds it. */
  artifact: string | undefined;
  logs: string | undefined;
  seconds: number;
}

/** What the metric came to beside what it had to; undefined where nothing was registered. */
function verdictOf(version: ModelVersion | undefined) {
  if (version === undefined) return undefined;
  const { metric, minimum } = version.threshold;
  const value = version.metrics[metric];
  return { metric, minimum, value: value ?? null, reached: value !== undefined && value >= minimum };
}

export function runJson(report: RunReport): Record<string, unknown> {
  const { environment, mode, execution, input, steps, version, created, registry, visible, artifact, logs } = report;
  return {
    environment: environment ?? null,
    mode,
    execution,
    input: input?.manifest ?? null,
    steps: steps.map(({ step, type, status, seconds, detail, execution: from }) => ({
      ...{ step, type, status, seconds },
      ...(detail === undefined ? {} : { detail }),
      ...(from === undefined ? {} : { execution: from }),
    })),
    metrics: version?.metrics ?? null,
    threshold: verdictOf(version) ?? null,
    registered: version === undefined ? null : { version: version.version, status: version.status, created },
    artifact:
      version === undefined ? null : { path: artifact ?? version.artifact.uri, sha256: version.artifact.sha256 },
    registry,
    visible,
    logs: logs ?? null,
  };
}

export function runText({ colors }: Pick<Console, "colors">, report: RunReport): string[] {
  const { steps, version, created, registry, artifact, logs } = report;
  const rows = steps.map(({ step, status, seconds, execution }) => [
    step,
    status === "skipped" || status === "not-reached" ? "-" : duration(seconds),
    execution === undefined ? status : `cached, from execution ${execution}`,
  ]);
  const lines = [...table([["step", "took", ""].map(colors.bold), ...rows]), ""];
  if (version === undefined) return [...lines, "no version was registered"];
  const metrics = Object.entries(version.metrics).map(([name, value]) => `${name} ${number(value)}`);
  return [
    ...lines,
    `metrics   ${metrics.join(", ")}`,
    `verdict   ${verdictLine(colors, version)}`,
    `version   ${version.version}, ${version.status}${created ? "" : " (registered before: the same model)"}`,
    `artifact  ${artifact ?? version.artifact.uri}`,
    `          sha256 ${version.artifact.sha256}`,
    `registry  ${registry}`,
    ...(logs === undefined ? [] : [`logs      ${logs}`]),
    ...(report.visible ? [] : [`services  ${colors.yellow("do not see it yet")}: their list follows the registry`]),
    ...nextLines(report, version),
  ];
}

function verdictLine(colors: Console["colors"], version: ModelVersion): string {
  const verdict = verdictOf(version);
  if (verdict === undefined || verdict.value === null) return "its metric was not measured";
  const { metric, value, minimum, reached } = verdict;
  const words = `${metric} is ${number(value)}, at least ${number(minimum)} is needed`;
  return reached ? `${colors.green("reached")}: ${words}` : `${colors.red("missed")}: ${words}`;
}

function nextLines({ environment, registry }: RunReport, version: ModelVersion): string[] {
  const place = environment === undefined ? "" : ` ${environment}`;
  if (version.status === "PendingManualApproval")
    return [`next      ./slipway model approve ${version.version}${place}`];
  if (version.status === "Approved" && environment === undefined)
    return [`next      MODEL_REGISTRY=${registry} makes services/predict serve it and services/api list it`];
  return [];
}
