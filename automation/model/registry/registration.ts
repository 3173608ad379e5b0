import { createHash } from "node:crypto";
import { packageMetadata } from "../../../model/pipeline/names.ts";
import type { RegisterRequest } from "../local/arguments.ts";
import type { ObjectStore } from "../local/object-store.ts";
import { parseS3Uri } from "../local/s3-uri.ts";
import { ValueError } from "../local/values.ts";
import { versionSchema, type ModelVersion, type Status } from "./documents.ts";
import { metricsIn } from "./evaluation.ts";

/** What a registration comes to, before it has a number. */
export type NewVersion = Omit<ModelVersion, "version">;

/** Where the model, and what was measured of it, lie. */
export interface PackageFiles {
  model: string;
  /** Folder of `evaluation.json`. */
  evaluation: string;
}

/** @throws ValueError for a package without evaluation: nobody could decide about it. */
export function filesOf({
  InferenceSpecification,
  ModelMetrics,
}: Pick<RegisterRequest, "InferenceSpecification" | "ModelMetrics">): PackageFiles {
  const [container] = InferenceSpecification.Containers;
  const statistics = ModelMetrics?.ModelQuality.Statistics.S3Uri;
  if (container === undefined || statistics === undefined)
    throw new ValueError("a package needs a container with its model, and ModelMetrics.ModelQuality.Statistics");
  return { model: container.ModelDataUrl, evaluation: statistics.slice(0, statistics.lastIndexOf("/")) };
}

/**
 * The version that a registration makes.
 * @throws ValueError that names what the package lacks.
 */
export async function newVersion(
  store: ObjectStore,
  request: RegisterRequest,
  facts: { name: string; now: Date },
): Promise<{ version: NewVersion; model: Uint8Array }> {
  const { model: uri } = filesOf(request);
  const model = await store.read(parseS3Uri(uri));
  if (model === undefined || model.length === 0) throw new ValueError(`there is no model at ${uri}`);
  const statistics = request.ModelMetrics?.ModelQuality.Statistics.S3Uri ?? "";
  const {
    [packageMetadata.metric]: metric,
    [packageMetadata.threshold]: minimum,
    data,
    code,
    execution,
  } = request.CustomerMetadataProperties;
  const candidate = {
    schema: 1,
    group: request.ModelPackageGroupName,
    name: facts.name,
    version: 1,
    status: request.ModelApprovalStatus as Status,
    artifact: { uri, sha256: createHash("sha256").update(model).digest("hex"), bytes: model.length },
    metrics: metricsIn(await store.read(parseS3Uri(statistics)), statistics),
    threshold: { metric, minimum: Number(minimum ?? Number.NaN) },
    lineage: { data, code, execution },
    createdAt: facts.now.toISOString().replace(/\.\d+Z$/, "Z"),
  };
  const parsed = versionSchema.safeParse(candidate);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new ValueError(`the package makes no version: ${problems.join("; ")}`);
  }
  const { version: _, ...version } = parsed.data;
  return { version, model };
}
