import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RegisterRequest } from "../../../automation/model/local/arguments.ts";
import { FolderStore } from "../../../automation/model/local/folder-store.ts";
import type { ModelVersion } from "../../../automation/model/registry/documents.ts";

export const bucket = "lab-bucket";
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export interface MadeModel {
  /** Content of its artifact. */
  model?: string;
  r2?: number;
  threshold?: string;
  status?: "Approved" | "PendingManualApproval" | "Rejected";
  execution?: string;
  group?: string;
}

/** A folder with objects of an execution, and requests that register them. */
export class RegistryLab {
  readonly directory: string;
  readonly objects: FolderStore;

  private constructor(directory: string) {
    this.directory = directory;
    this.objects = new FolderStore(join(directory, "s3"));
  }

  static async open(): Promise<RegistryLab> {
    return new RegistryLab(await mkdtemp(join(tmpdir(), "slipway-registry-")));
  }

  /** Writes what training and evaluation leave, and gives the request of the step after them. */
  async request(made: MadeModel = {}): Promise<RegisterRequest> {
    const { model = "model", r2 = 0.83, threshold = "0.6", status = "Approved", execution = "execution001" } = made;
    const run = `runs/${execution}`;
    const metrics = { r2: { value: r2 }, rmse: { value: 20_000 } };
    const card = {
      schema: 1,
      algorithm: "ridge",
      hyperparameters: { alpha: 1 },
      data: { sha256: sha256("d"), rows: 9 },
    };
    const files = {
      "train-model/model.tar.gz": model,
      "evaluate-model/evaluation.json": JSON.stringify({ schema: 1, metrics }),
      "evaluate-model/model-card.json": JSON.stringify(card),
      "evaluate-model/predictions.csv": "actual,predicted\n100,110\n200,190\n",
    };
    for (const [path, content] of Object.entries(files))
      await this.objects.write({ bucket, key: `${run}/${path}` }, content);
    const uri = (path: string) => `s3://${bucket}/${run}/${path}`;
    return {
      ModelPackageGroupName: made.group ?? "slipway-lab-housing",
      ModelApprovalStatus: status,
      InferenceSpecification: { Containers: [{ Image: "predict", ModelDataUrl: uri("train-model/model.tar.gz") }] },
      ModelMetrics: {
        ModelQuality: {
          Statistics: { ContentType: "application/json", S3Uri: uri("evaluate-model/evaluation.json") },
        },
      },
      CustomerMetadataProperties: {
        data: "s3://lab-bucket/inputs/7-run/manifest.json",
        code: `sha256:${sha256("code")}`,
        execution,
        metric: "r2",
        threshold,
      },
    };
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

/** A version as documents have it. */
export const versionWith = (changes: Partial<ModelVersion> = {}): ModelVersion => ({
  schema: 1,
  group: "slipway-lab-housing",
  name: "housing",
  version: 1,
  status: "Approved",
  artifact: { uri: "artifacts/a/model.tar.gz", sha256: sha256("model"), bytes: 5 },
  metrics: { r2: 0.83, rmse: 20_000 },
  threshold: { metric: "r2", minimum: 0.6 },
  lineage: { data: "s3://lab-bucket/inputs/7-run/manifest.json", code: `sha256:${sha256("code")}`, execution: "e1" },
  createdAt: "2026-01-02T03:04:05Z",
  ...changes,
});
