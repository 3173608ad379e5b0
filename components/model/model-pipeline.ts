import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { deadLetters } from "../data/dead-letters.ts";
import type { DataScope } from "../data/state-machine/names.ts";
import type { Severity } from "../data/state-machine/pipeline-definition.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { EncryptionKey, usedByLogs } from "../shared/encryption-key.ts";
import { partitionOf } from "../shared/naming.ts";
import type { Removal } from "../shared/protection.ts";
import { assertValid, problem } from "../shared/validation.ts";
import { ModelAlarms } from "./alarms.ts";
import { guardrailsOf } from "./alarms-specs.ts";
import { sentByRules, usedForDeadLetters } from "./dead-letters.ts";
import { ModelEndpoint } from "./endpoint.ts";
import { InferenceApi } from "./inference/inference-api.ts";
import { ModelBuckets } from "./model-buckets.ts";
import { type ModelArtifacts, ModelCode, validateArtifacts } from "./model-code.ts";
import { ModelFunctions } from "./model-functions.ts";
import { ModelSubnets, type ModelSubnetsArgs } from "./model-network.ts";
import { type ModelCheck, type ModelOutputs, criticalAlarms, modelChecks, modelOutputs } from "./model-outputs.ts";
import { ModelRoles } from "./model-roles.ts";
import { type ModelNetwork, type ModelScope, validateNames } from "./model-scope.ts";
import { type ModelSettings, validateSettings } from "./model-settings.ts";
import { deadLetterQueueName, endpointName, modelBucket, registryFolder, registryUri } from "./names.ts";
import { ModelPromotion } from "./promotion.ts";
import { keyPurpose, openedTo, takenOverBy } from "./promotion-statements.ts";
import { type RegistryReaders, registryReaders } from "./registry-access.ts";
import { Studio } from "./studio.ts";
import { Tracking } from "./tracking.ts";
import { Training, pipelineParameters } from "./training.ts";
import { ModelTriggers } from "./triggers.ts";

export interface ModelPipelineArgs extends DataScope {
  artifacts: ModelArtifacts;
  settings: ModelSettings;
  /** How long things stay. */
  lifetimes: { logRetentionDays: number; keyDeletionDays: number; removal: Removal };
  /** The lake: its published tables, and the key that opens them. */
  lake: { bucket: string; keyArn: pulumi.Input<string> };
  /** Private subnets, for whatever is to be in a network. */
  network: ModelSubnetsArgs;
  /** ARNs of the topics that alarms go to, by severity. */
  topics: Readonly<Record<Severity, pulumi.Input<string>>>;
}

/** Problems of the arguments, one line each. */
export function validateModelPipeline(args: ModelPipelineArgs): string[] {
  const { settings } = args;
  const outside = settings.studio !== undefined && !settings.vpc;
  return [
    ...validateNames(args),
    ...validateArtifacts(args.artifacts),
    ...validateSettings(args.environment, settings),
    ...(outside ? [problem("vpc", false, "true with a Studio domain", "Turn vpc on or drop studio.")] : []),
  ];
}

/** What the parts of the pipeline have in common. */
interface Ground {
  scope: ModelScope;
  network: ModelNetwork | undefined;
  code: ModelCode;
  roles: ModelRoles;
  guardrails: readonly string[];
  queueArn: pulumi.Output<string>;
}

/** Models of one environment: trained on its lake, decided about, deployed step by step, and answering over HTTP. */
export class ModelPipeline extends SlipwayComponent {
  /** Base URL of the inference API. */
  readonly apiEndpoint: pulumi.Output<string>;
  readonly model: pulumi.Output<ModelOutputs>;
  readonly checks: pulumi.Output<ModelCheck[]>;
  /** Names of the alarms that wake somebody up. */
  readonly criticalAlarms: pulumi.Output<string[]>;
  /** What pods of services may do that answer from the registry. */
  readonly readers: RegistryReaders;
  /** Where they find it: `s3://<bucket>/registry/<group>`. */
  readonly registry: string;

  constructor(name: string, args: ModelPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ModelPipeline", name, opts);
    assertValid(this, name, validateModelPipeline(args));
    const ground = this.addGround(name, args);
    const { scope } = ground;
    const training = this.addTraining(name, args, ground);
    const endpoint = this.addEndpoint(name, args, ground);
    const functions = this.addFunctions(name, args, ground);
    const inference = this.addInference(name, args, ground, functions);
    this.addOptions(name, args, ground);
    const { settings } = args;
    this.readers = registryReaders(scope, settings.promotion);
    this.registry = registryUri(scope);
    this.apiEndpoint = inference.apiEndpoint;
    this.criticalAlarms = inference.alarms.apply((shifting) => [...criticalAlarms(scope, settings), ...shifting]);
    this.checks = modelChecks({ scope, settings, inference: inference.checks, alarms: this.criticalAlarms });
    this.model = modelOutputs({
      scope,
      ...{ training, inference },
      functions: functions.functions,
      ...(endpoint !== undefined && { endpoint: endpoint.name }),
    });
    this.registerOutputs({ model: this.model, checks: this.checks });
  }

  /** Key, bucket, code, roles and network: what everything else stands on. */
  private addGround(name: string, args: ModelPipelineArgs): Ground {
    const { environment, account, region, lake, lifetimes, settings, artifacts } = args;
    const place: DataScope = { environment, account, region };
    const { removal, keyDeletionDays: deletionDays } = lifetimes;
    const { to } = settings.promotion;
    const logs = usedByLogs(account, region, partitionOf(region));
    const statements = [logs, usedForDeadLetters(place), ...(to === undefined ? [] : [openedTo(place, to)])];
    const key = new EncryptionKey(
      `${name}-encryption`,
      { ...place, purpose: keyPurpose, statements, deletionDays, removal },
      childOf(this),
    );
    const scope: ModelScope = { ...place, keyArn: key.arn, lake };
    const buckets = new ModelBuckets(
      `${name}-buckets`,
      { ...place, keyArn: key.arn, statements: to === undefined ? [] : [takenOverBy(place, to)], removal },
      childOf(this),
    );
    const code = new ModelCode(
      `${name}-code`,
      { bucket: buckets.model.name, artifacts },
      // Objects that arrive before the bucket is set up would be neither versioned nor under the key.
      childOf(this, { dependsOn: [buckets] }),
    );
    const guardrails = guardrailsOf(settings);
    const { images } = artifacts;
    const roles = new ModelRoles(`${name}-roles`, { scope, images, settings, guardrails }, childOf(this));
    const network = settings.vpc ? new ModelSubnets(`${name}-network`, args.network, childOf(this)).network : undefined;
    const queue = deadLetters(this, name, {
      name: deadLetterQueueName(place),
      keyArn: key.arn,
      senders: (queueArn) => [sentByRules(place, queueArn)],
    });
    return { scope, network, code, roles, guardrails, queueArn: queue.arn };
  }

  private addTraining(name: string, args: ModelPipelineArgs, { scope, network, code, roles }: Ground): Training {
    const { artifacts, settings, lifetimes } = args;
    const { logRetentionDays, removal } = lifetimes;
    const { tracking } = settings;
    const trackingUri = tracking && new Tracking(`${name}-tracking`, { scope, size: tracking.size }, childOf(this)).uri;
    return new Training(
      `${name}-training`,
      { scope, settings, artifacts, network, trackingUri, logRetentionDays, removal },
      // It names its code and its roles, and fails when it runs without them.
      childOf(this, { dependsOn: [code, ...roles.ready] }),
    );
  }

  private addEndpoint(name: string, args: ModelPipelineArgs, ground: Ground): ModelEndpoint | undefined {
    const { endpoint } = args.settings;
    if (endpoint.kind === "none") return undefined;
    const { scope, network, guardrails, roles } = ground;
    const { logRetentionDays, removal } = args.lifetimes;
    const image = args.artifacts.images.predict;
    return new ModelEndpoint(
      `${name}-endpoint`,
      { scope, endpoint, image, network, guardrails, logRetentionDays, removal },
      childOf(this, { dependsOn: [...roles.ready] }),
    );
  }

  private addFunctions(name: string, args: ModelPipelineArgs, ground: Ground): ModelFunctions {
    const { artifacts, settings, lifetimes, topics } = args;
    const { scope, network, code, guardrails, queueArn: deadLetterArn } = ground;
    const functions = new ModelFunctions(
      `${name}-functions`,
      {
        ...{ scope, settings, network, guardrails, deadLetterArn },
        codeDigest: artifacts.code.digest,
        image: artifacts.images.predict,
        parameters: pipelineParameters({ scope, settings, artifacts }),
        code: code.functions,
        layers: code.layers,
        logRetentionDays: lifetimes.logRetentionDays,
        removal: lifetimes.removal,
      },
      childOf(this),
    );
    const called = functions.functions;
    new ModelTriggers(`${name}-triggers`, { scope, settings, functions: called, deadLetterArn }, childOf(this));
    new ModelAlarms(`${name}-alarms`, { environment: scope.environment, settings, topics }, childOf(this));
    const { to } = settings.promotion;
    if (to !== undefined) new ModelPromotion(`${name}-promotion`, { scope, to, deadLetterArn }, childOf(this));
    return functions;
  }

  private addInference(
    name: string,
    args: ModelPipelineArgs,
    ground: Ground,
    { layers }: ModelFunctions,
  ): InferenceApi {
    const { settings, lifetimes, topics } = args;
    const { environment, account, region, keyArn } = ground.scope;
    const { functions } = ground.code;
    const registry = { bucket: modelBucket(ground.scope, "model"), folder: registryFolder(ground.scope) };
    const endpoint = settings.endpoint.kind === "none" ? {} : { endpoint: endpointName(ground.scope) };
    return new InferenceApi(
      `${name}-inference`,
      {
        scope: { environment, account, region, keyArn, registry, ...endpoint },
        code: { modelsApi: functions.models_api, trafficHook: functions.traffic_hook },
        layerArns: [layers.modelkit],
        ...settings.api,
        alarmTopics: [topics.critical],
        logRetentionDays: lifetimes.logRetentionDays,
        removal: lifetimes.removal,
      },
      childOf(this),
    );
  }

  /** What an account may have for its people, once. */
  private addOptions(name: string, args: ModelPipelineArgs, { scope, network }: Ground): void {
    const { quotas, studio } = args.settings;
    for (const [quotaCode, value] of Object.entries(quotas)) {
      new aws.servicequotas.ServiceQuota(
        `${name}-quota-${quotaCode}`,
        { serviceCode: "sagemaker", quotaCode, value },
        childOf(this),
      );
    }
    if (studio === undefined || network === undefined) return;
    const { vpcId } = args.network;
    new Studio(`${name}-studio`, { scope, network, vpcId, users: studio.users }, childOf(this));
  }
}
