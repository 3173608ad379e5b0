import { stageOf, type ModelVersion } from "../model/registry/documents.ts";
import type { Console } from "./console.ts";
import { number } from "./model-number.ts";
import { table } from "./table.ts";
import { ago } from "./time.ts";

/** Metrics that a list has room for, beside the one that decided. */
const shown = ["r2", "rmse", "mape"];

/** Versions newest first. */
export function listJson(versions: readonly ModelVersion[]): Record<string, unknown>[] {
  return newestFirst(versions).map((version) => ({
    version: version.version,
    status: version.status,
    stage: stageOf(version, versions),
    metrics: version.metrics,
    threshold: version.threshold,
    artifact: version.artifact,
    lineage: version.lineage,
    createdAt: version.createdAt,
  }));
}

export function listText({ colors }: Pick<Console, "colors">, versions: readonly ModelVersion[], now: Date): string[] {
  const columns = [...new Set([...versions.map(({ threshold }) => threshold.metric), ...shown])];
  const head = ["version", "stage", "status", ...columns, "needed", "data", "code", "execution", "made"];
  const rows = newestFirst(versions).map((version) => [
    String(version.version),
    paint(colors, stageOf(version, versions)),
    version.status,
    ...columns.map((name) => (version.metrics[name] === undefined ? "-" : number(version.metrics[name]))),
    `${version.threshold.metric} ${number(version.threshold.minimum)}`,
    dataName(version),
    version.lineage.code.slice("sha256:".length, "sha256:".length + 12),
    version.lineage.execution,
    ago(version.createdAt, now),
  ]);
  return table([head.map(colors.bold), ...rows]);
}

const newestFirst = (versions: readonly ModelVersion[]) => [...versions].sort((a, b) => b.version - a.version);

function paint(colors: Console["colors"], stage: ReturnType<typeof stageOf>): string {
  if (stage === "serving") return colors.green(stage);
  if (stage === "candidate") return colors.yellow(stage);
  return stage === "rejected" ? colors.red(stage) : stage;
}

/** Inputs are named by the folder of their list. */
export function dataName({ lineage }: Pick<ModelVersion, "lineage">): string {
  return /\/inputs\/([^/]+)\/manifest\.json$/.exec(lineage.data)?.[1] ?? lineage.data;
}
