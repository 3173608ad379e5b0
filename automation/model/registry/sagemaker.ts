import { setTimeout as delay } from "node:timers/promises";
import type * as Sdk from "@aws-sdk/client-sagemaker";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { ObjectStore } from "../local/object-store.ts";
import { below, parseS3Uri, s3Uri } from "../local/s3-uri.ts";
import { ValueError } from "../local/values.ts";
import { parseDocument, versionSchema, type Decision, type ModelVersion, type Status } from "./documents.ts";
import { evaluationFrom, type Evaluation } from "./evaluation.ts";
import { filesOf, newVersion } from "./registration.ts";
import { noVersion, sameModel, type ModelRegistry, type RegisteredVersion, type Registration } from "./registry.ts";

/** How to reach SageMaker; without an endpoint and keys the SDK finds its own. */
export interface SageMakerConnection {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

export interface SageMakerRegistryOptions {
  connection: SageMakerConnection;
  group: string;
  /** What the model is called in documents. */
  name: string;
  objects: ObjectStore;
  /** Folder of S3 that holds the mirror for services: it knows digests that SageMaker does not. */
  mirror: string;
  /** How long the mirror may take to follow. Defaults to half a minute. */
  mirrorPatienceMs?: number;
}

const usualPatienceMs = 30_000;
const mirrorPauseMs = 100;

/** A package as the list of its group shows it. */
interface Summary {
  arn: string;
  version: number;
  status: Status;
}

/** A package group of SageMaker. */
export class SageMakerRegistry implements ModelRegistry {
  readonly location: string;
  readonly group: string;
  readonly #options: SageMakerRegistryOptions;
  #connected: Promise<{ sdk: typeof Sdk; client: Sdk.SageMakerClient }> | undefined;

  constructor(options: SageMakerRegistryOptions) {
    this.#options = options;
    this.group = options.group;
    this.location = `model package group ${options.group}`;
  }

  async register({ request, now }: Registration): Promise<RegisteredVersion> {
    const { objects, name } = this.#options;
    const { version } = await newVersion(objects, request, { name, now });
    const known = (await this.list()).findLast((one) => sameModel(one, version));
    if (known !== undefined) return { version: known, created: false, arn: await this.#arn(known.version) };
    const { ModelPackageArn: arn = "" } = await this.#send((sdk, client) =>
      client.send(new sdk.CreateModelPackageCommand(request as Sdk.CreateModelPackageCommandInput)),
    );
    return { version: { ...version, version: Number(arn.slice(arn.lastIndexOf("/") + 1)) }, created: true, arn };
  }

  async list(): Promise<ModelVersion[]> {
    const found = await Promise.all((await this.#summaries()).map((summary) => this.#version(summary)));
    return found.sort((a, b) => a.version - b.version);
  }

  async get(version: number): Promise<ModelVersion> {
    return this.#version(await this.#summary(version));
  }

  async decide(version: number, { status, by, reason }: Decision): Promise<ModelVersion> {
    const summary = await this.#summary(version);
    const before = await this.#version(summary);
    const ApprovalDescription = `${by}${reason === undefined ? "" : `: ${reason}`}`.slice(0, 1024);
    await this.#send((sdk, client) =>
      client.send(
        new sdk.UpdateModelPackageCommand({
          ModelPackageArn: summary.arn,
          ModelApprovalStatus: status,
          ApprovalDescription,
        }),
      ),
    );
    return { ...before, status };
  }

  /** SageMaker keeps the last one alone. */
  async decisions(version: number): Promise<Decision[]> {
    const { arn } = await this.#summary(version);
    const described = await this.#describe(arn);
    if (described.ApprovalDescription === undefined) return [];
    const [, by = "", reason] = /^(.*?)(?:: (.*))?$/s.exec(described.ApprovalDescription) ?? [];
    const at = (described.LastModifiedTime ?? described.CreationTime ?? new Date(0)).toISOString();
    const status = described.ModelApprovalStatus ?? "PendingManualApproval";
    return [{ status, by, at, ...(reason === undefined ? {} : { reason }), override: false }];
  }

  /** Services read the mirror, which a function brings in line with each change of the group. */
  async visible({ version, status, lineage }: ModelVersion, signal: AbortSignal): Promise<boolean> {
    const { objects, mirror, mirrorPatienceMs = usualPatienceMs } = this.#options;
    const place = parseS3Uri(below(mirror, `versions/${version}.json`));
    const until = performance.now() + mirrorPatienceMs;
    for (;;) {
      const body = await objects.read(place);
      const seen = body && parseDocument(versionSchema, body, s3Uri(place));
      if (seen?.status === status && seen.lineage.execution === lineage.execution) return true;
      if (performance.now() > until || signal.aborted) return false;
      await delay(mirrorPauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async evaluation({ version }: ModelVersion): Promise<Evaluation> {
    const { arn } = await this.#summary(version);
    const { evaluation } = filesOf(requestOf(await this.#describe(arn)));
    const read = (file: string) => this.#options.objects.read(parseS3Uri(below(evaluation, file)));
    return evaluationFrom(await read("model-card.json"), await read("predictions.csv"));
  }

  async close(): Promise<void> {
    (await this.#connected)?.client.destroy();
  }

  async #summaries(): Promise<Summary[]> {
    const { sdk, client } = await this.#connect();
    const found: Summary[] = [];
    try {
      const pages = sdk.paginateListModelPackages({ client }, { ModelPackageGroupName: this.group });
      for await (const page of pages) found.push(...(page.ModelPackageSummaryList ?? []).flatMap(summaryOf));
    } catch (error) {
      throw this.#explained(error);
    }
    return found.sort((a, b) => a.version - b.version);
  }

  async #summary(version: number): Promise<Summary> {
    const summaries = await this.#summaries();
    const found = summaries.find((one) => one.version === version);
    if (found !== undefined) return found;
    throw noVersion(
      version,
      summaries.map((one) => one.version),
      this.location,
    );
  }

  async #arn(version: number): Promise<string> {
    return (await this.#summary(version)).arn;
  }

  /**
   * All but its status is settled when a package is made, so the mirror's word is as good where it speaks of the same package, and spares
   * reading the model.
   */
  async #version({ arn, version: number, status }: Summary): Promise<ModelVersion> {
    const described = await this.#describe(arn);
    const request = requestOf(described);
    const uri = below(this.#options.mirror, `versions/${number}.json`);
    const { objects, name } = this.#options;
    const mirrored = await objects.read(parseS3Uri(uri));
    const known = mirrored && parseDocument(versionSchema, mirrored, uri);
    if (known !== undefined && known.lineage.execution === request.CustomerMetadataProperties["execution"])
      return { ...known, status };
    const now = described.CreationTime ?? new Date(0);
    try {
      const { version } = await newVersion(objects, request, { name, now });
      return { ...version, version: number, status };
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new SlipwayError(ExitCode.unexpected, `Version ${number} cannot be read: ${error.message}.`, {
        where: arn,
        next: `Delete it: aws sagemaker delete-model-package --model-package-name ${arn}`,
      });
    }
  }

  #describe(ModelPackageName: string): Promise<Sdk.DescribeModelPackageCommandOutput> {
    return this.#send((sdk, client) => client.send(new sdk.DescribeModelPackageCommand({ ModelPackageName })));
  }

  async #send<T>(call: (sdk: typeof Sdk, client: Sdk.SageMakerClient) => Promise<T>): Promise<T> {
    const { sdk, client } = await this.#connect();
    return call(sdk, client).catch((error: unknown) => {
      throw this.#explained(error);
    });
  }

  #connect() {
    return (this.#connected ??= import("@aws-sdk/client-sagemaker").then((sdk) => ({
      sdk,
      client: new sdk.SageMakerClient(this.#options.connection),
    })));
  }

  #explained(error: unknown): unknown {
    if (!(error instanceof Error) || !("$metadata" in error)) return error;
    const code = /Credential|ExpiredToken|UnrecognizedClient/.test(error.name)
      ? ExitCode.credentials
      : ExitCode.resourceFailed;
    return new SlipwayError(code, `SageMaker refuses: ${error.message}`, {
      where: this.location,
      next: "Check the environment with ./slipway verify, and whose credentials these are with aws sts get-caller-identity.",
      cause: error,
    });
  }
}

function summaryOf({
  ModelPackageArn,
  ModelPackageVersion,
  ModelApprovalStatus,
  ModelPackageStatus,
}: Sdk.ModelPackageSummary): Summary[] {
  const complete = ModelPackageStatus === undefined || ModelPackageStatus === "Completed";
  if (!complete || ModelPackageArn === undefined || ModelPackageVersion === undefined) return [];
  const status = ModelApprovalStatus ?? "PendingManualApproval";
  return [{ arn: ModelPackageArn, version: ModelPackageVersion, status }];
}

/** A described package as the request that made it. */
function requestOf(described: Sdk.DescribeModelPackageCommandOutput): Parameters<typeof newVersion>[1] {
  const [container] = described.InferenceSpecification?.Containers ?? [];
  const statistics = described.ModelMetrics?.ModelQuality?.Statistics;
  return {
    ModelPackageGroupName: described.ModelPackageGroupName ?? "",
    ModelApprovalStatus: described.ModelApprovalStatus ?? "PendingManualApproval",
    InferenceSpecification: {
      Containers:
        container === undefined ? [] : [{ Image: container.Image ?? "", ModelDataUrl: container.ModelDataUrl ?? "" }],
    },
    ModelMetrics: {
      ModelQuality: { Statistics: { ContentType: statistics?.ContentType ?? "", S3Uri: statistics?.S3Uri ?? "" } },
    },
    CustomerMetadataProperties: described.CustomerMetadataProperties ?? {},
  };
}
