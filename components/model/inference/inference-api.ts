import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../../shared/component.ts";
import type { Removal } from "../../shared/protection.ts";
import type { Transform } from "../../shared/transform.ts";
import { assertValid } from "../../shared/validation.ts";
import type { InferenceThresholds } from "./alarms-specs.ts";
import { type FunctionCode, InferenceFunction } from "./inference-function.ts";
import { type Authorization, type GatewayTransforms, InferenceGateway, type Throttling } from "./inference-gateway.ts";
import { type InferenceCheck, type ShiftOutput, inferenceChecks } from "./inference-outputs.ts";
import {
  type HookPhase,
  type InferenceFunctionName,
  type InferenceScope,
  inferenceFunctionName,
  liveAlias,
} from "./inference-scope.ts";
import { type ShiftSettings, defaultShift, shiftMinutes, shiftTimeoutSeconds } from "./shift.ts";
import { hookStatements, modelsApiStatements } from "./statements.ts";
import { TrafficShift } from "./traffic-shift.ts";
import { validateInference } from "./validation.ts";

export interface InferenceApiArgs {
  scope: InferenceScope;
  code: { modelsApi: FunctionCode; trafficHook: FunctionCode };
  /** Layers that the functions import from. */
  layerArns: readonly pulumi.Input<string>[];
  /** How a new version takes over. Defaults to a tenth of the requests for half an hour, then all. */
  shift?: ShiftSettings;
  /** What stops a shift. Defaults to any error within a minute, and one answer in a hundred slower than 3 s. */
  thresholds?: InferenceThresholds;
  /** Who may ask for predictions; the list of models is open. Defaults to `iam`. */
  authorization?: Authorization;
  /** Requests that the API takes. Defaults to 50 per second, 100 at once. */
  throttling?: Throttling;
  /** Topics that alarms go to. Defaults to none: CodeDeploy looks at the alarms itself. */
  alarmTopics?: readonly pulumi.Input<string>[];
  logRetentionDays: number;
  /** Defaults to `retain`. */
  removal?: Removal;
  /** `function` is the one behind the API. */
  transform?: GatewayTransforms & { function?: Transform<aws.lambda.FunctionArgs> };
}

const defaults = {
  shift: defaultShift,
  thresholds: { errorsPerMinute: 0, latencyMs: 3000 },
  authorization: "iam",
  throttling: { rate: 50, burst: 100 },
  alarmTopics: [],
  removal: "retain",
  transform: {},
} as const satisfies Partial<InferenceApiArgs>;

type Resolved = Required<InferenceApiArgs>;

/** Models and predictions over HTTP, from an alias that takes new versions step by step and goes back by itself. */
export class InferenceApi extends SlipwayComponent {
  /** Base URL of the API. */
  readonly apiEndpoint: pulumi.Output<string>;
  readonly shifts: pulumi.Output<ShiftOutput[]>;
  readonly checks: pulumi.Output<InferenceCheck[]>;
  /** ARNs by name. */
  readonly functions: Readonly<Record<InferenceFunctionName, pulumi.Output<string>>>;
  /** Names of the alarms that stop a shift. */
  readonly alarms: pulumi.Output<string[]>;

  constructor(name: string, args: InferenceApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("InferenceApi", name, opts);
    const settings: Resolved = { ...defaults, ...args };
    assertValid(this, name, validateInference(settings));
    const { scope, shift, thresholds, alarmTopics } = settings;
    const api = this.addFunction(name, settings);
    const before = this.addHook(name, "before", settings);
    const after = this.addHook(name, "after", settings);
    const alias = this.addAlias(name, api);
    const gateway = new InferenceGateway(`${name}-gateway`, { ...settings, alias }, childOf(this));
    const traffic = new TrafficShift(
      `${name}-traffic`,
      { scope, version: api.version, shift, thresholds, alarmTopics },
      childOf(this),
    );
    this.apiEndpoint = gateway.endpoint;
    this.checks = inferenceChecks(scope, gateway.endpoint);
    this.functions = { models_api: api.arn, traffic_hook_before: before.arn, traffic_hook_after: after.arn };
    this.alarms = traffic.alarms;
    this.shifts = pulumi.output([
      {
        application: traffic.application,
        deploymentGroup: traffic.deploymentGroup,
        function: api.name,
        alias: alias.name,
        version: api.version,
        hooks: { before: before.name, after: after.name },
        minutes: shiftMinutes(shift),
        timeoutSeconds: shiftTimeoutSeconds(shift),
      },
    ]);
    this.registerOutputs({ apiEndpoint: this.apiEndpoint, shifts: this.shifts, checks: this.checks });
  }

  private addFunction(name: string, args: Resolved): InferenceFunction {
    const { scope, code, layerArns, logRetentionDays, removal, transform } = args;
    const { bucket, folder } = scope.registry;
    return new InferenceFunction(
      `${name}-models-api`,
      {
        ...{ scope, layerArns, logRetentionDays, removal },
        function: "models_api",
        description: "Lists the models of the registry and passes questions on to the endpoint",
        code: code.modelsApi,
        memoryMb: 512,
        timeoutSeconds: 29,
        variables: {
          ENVIRONMENT: scope.environment,
          MODEL_REGISTRY: `s3://${bucket}/${folder}`,
          ...(scope.endpoint !== undefined && { ENDPOINT_NAME: scope.endpoint }),
        },
        statements: modelsApiStatements(scope),
        transform: { ...(transform.function !== undefined && { function: transform.function }) },
      },
      childOf(this),
    );
  }

  /** CodeDeploy calls it, and waits for what it reports. */
  private addHook(
    name: string,
    phase: HookPhase,
    { scope, code, layerArns, logRetentionDays, removal }: Resolved,
  ): InferenceFunction {
    const hook = `traffic_hook_${phase}` as const;
    return new InferenceFunction(
      `${name}-hook-${phase}`,
      {
        ...{ scope, layerArns, logRetentionDays, removal },
        function: hook,
        description: `Asks the version that takes over, ${phase} requests go to it`,
        code: code.trafficHook,
        memoryMb: 256,
        timeoutSeconds: 120,
        variables: {
          ENVIRONMENT: scope.environment,
          PHASE: phase,
          TARGET_FUNCTION: inferenceFunctionName(scope, "models_api"),
          ALIAS: liveAlias,
        },
        statements: hookStatements(scope, hook),
      },
      childOf(this),
    );
  }

  private addAlias(name: string, api: InferenceFunction): aws.lambda.Alias {
    return new aws.lambda.Alias(
      `${name}-alias`,
      {
        name: liveAlias,
        description: "What callers reach; CodeDeploy moves it from version to version",
        functionName: api.name,
        functionVersion: api.version,
      },
      // Made at the first version. Were it the program that moved it, all requests would go to the new version at once.
      childOf(this, { ignoreChanges: ["functionVersion", "routingConfig"] }),
    );
  }
}
