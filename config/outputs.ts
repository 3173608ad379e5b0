import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { type Check, checkSchema, digestReference } from "./checks.ts";
import { streamsOutputs } from "./streams-outputs.ts";

export { type Check, checkSchema };

const common = {
  /** Raised when an output is removed or changes meaning; adding one does not raise it. */
  contract: z.literal(1),
  environment: z.string(),
  account: z.string().regex(/^\d{12}$/),
  region: z.string(),
  checks: z.array(checkSchema),
};

export const operationsOutputsSchema = z.strictObject({
  ...common,
  kind: z.literal("operations"),
  artifactBucket: z.string(),
  artifactKeyArn: z.string(),
  stateBucket: z.string(),
  stateKeyArn: z.string(),
  repositories: z.record(z.string(), z.strictObject({ name: z.string(), arn: z.string(), url: z.string() })),
});
export type OperationsOutputs = z.infer<typeof operationsOutputsSchema>;

/** The data pipeline of an environment, beside the outputs with names of their own. */
const dataOutputs = z.strictObject({
  quarantineBucket: z.string(),
  codeBucket: z.string(),
  databases: z.strictObject({ live: z.string(), staging: z.string(), verification: z.string() }),
  /** Its name; the ARN is `StepFunctionsArn`. */
  stateMachine: z.string(),
  workgroup: z.string(),
  jobs: z.array(z.string()),
  /** ARNs by name. */
  functions: z.record(z.string(), z.string()),
  topics: z.strictObject({ info: z.string(), warning: z.string(), critical: z.string() }),
});

/** One alias that takes traffic from version to version by CodeDeploy. */
const trafficShift = z.strictObject({
  application: z.string(),
  deploymentGroup: z.string(),
  function: z.string(),
  alias: z.string(),
  /** The version that shall answer everything in the end. */
  version: z.string(),
  /** Functions that are asked before the first and after the last request goes to the new version. */
  hooks: z.strictObject({ before: z.string(), after: z.string() }).partial(),
  /** From the first request to the new version until it gets all of them. */
  minutes: z.number().nonnegative(),
  /** How long a shift may take. */
  timeoutSeconds: z.number().int().positive(),
});
export type TrafficShift = z.infer<typeof trafficShift>;

/** The model pipeline of an environment. */
const modelOutputs = z.strictObject({
  bucket: z.string(),
  /** Its name. */
  pipeline: z.string(),
  pipelineArn: z.string(),
  packageGroup: z.string(),
  /** Name of the endpoint; absent where the environment has none. */
  endpoint: z.string().optional(),
  /** Where services find the approved model and the list of all: `s3://<bucket>/registry/<group>`. */
  registry: z.string(),
  /** ARNs by name. */
  functions: z.record(z.string(), z.string()),
  shifts: z.array(trafficShift),
});
export type ModelOutputs = z.infer<typeof modelOutputs>;

/** How an environment is observed. */
const observabilityOutputs = z.strictObject({
  /** Names of dashboards by subject. */
  dashboards: z.record(z.string(), z.string()),
  /** Name of the alarm that rings when what stands should go back; absent where no pipeline has alarms. */
  rollbackAlarm: z.string().optional(),
  /** Name of the canary that asks addresses from outside. */
  canary: z.string().optional(),
});

/** Manifests of an environment, rendered by the program. */
const manifestsOutput = z.strictObject({
  /** Branch that Argo CD watches; nothing but the driver writes it. */
  branch: z.string(),
  /** Contents by path, below the root of the branch. */
  files: z.record(z.string(), z.string()),
});
export type Manifests = z.infer<typeof manifestsOutput>;

export const environmentOutputsSchema = z.strictObject({
  ...common,
  kind: z.literal("environment"),
  vpcId: z.string(),
  privateSubnetIds: z.array(z.string()),
  clusterName: z.string(),
  clusterEndpoint: z.string(),
  clusterCertificateAuthority: z.string(),
  services: z.record(
    z.string(),
    z.strictObject({
      application: z.string(),
      namespace: z.string(),
      image: digestReference,
      port: z.number().int(),
      /** How a new version takes over. Absent where what stands is from before there was a choice. */
      strategy: z.enum(["canary", "blue-green", "rolling"]).optional(),
    }),
  ),
  /** What Argo CD is to find in git: the driver writes it there, in one commit. Absent where what stands is from before this. */
  manifests: manifestsOutput.optional(),
  // Absent where what stands is from before the data pipeline: a rollback may lead there.
  RawBucket: z.string().optional(),
  ProcessedBucket: z.string().optional(),
  StepFunctionsArn: z.string().optional(),
  data: dataOutputs.optional(),
  // Absent where what stands is from before the model pipeline, or has none.
  /** Base URL of the inference API. */
  ApiEndpoint: z.string().optional(),
  model: modelOutputs.optional(),
  // Absent where what stands is from before stream processing, or has none.
  streams: streamsOutputs.optional(),
  // Absent where what stands is from before it.
  observability: observabilityOutputs.optional(),
});
export type EnvironmentOutputs = z.infer<typeof environmentOutputsSchema>;

export const stackOutputsSchema = z.discriminatedUnion("kind", [operationsOutputsSchema, environmentOutputsSchema]);
/** Everything a Slipway stack tells its readers: other stacks, the driver, people. */
export type StackOutputs = z.infer<typeof stackOutputsSchema>;

/** Outputs as the program declares them: each may still be on its way. */
export type Declared<T> = { [K in keyof T]: pulumi.Input<T[K]> };

/**
 * Reads the outputs of any Slipway stack.
 * @throws SlipwayError (not found) when the stack has never been brought up, or (unexpected) when the outputs break the contract.
 */
export function parseStackOutputs(outputs: unknown, stack = "the stack"): StackOutputs {
  if (typeof outputs !== "object" || outputs === null || !("kind" in outputs)) {
    throw new SlipwayError(ExitCode.notFound, `${stack} has no outputs yet.`, {
      where: stack,
      next: `Bring it up first: ./slipway up ${stack}`,
    });
  }
  const parsed = stackOutputsSchema.safeParse(outputs);
  if (parsed.success) return parsed.data;
  throw new SlipwayError(
    ExitCode.unexpected,
    `the outputs of ${stack} break contract 1:\n${z.prettifyError(parsed.error)}`,
    { where: stack, next: `Bring ${stack} up with this version of the program: ./slipway up ${stack}` },
  );
}

/** As parseStackOutputs, for readers that need the operations stack. */
export function parseOperationsOutputs(outputs: unknown, stack = "operations"): OperationsOutputs {
  const parsed = parseStackOutputs(outputs, stack);
  if (parsed.kind === "operations") return parsed;
  throw new SlipwayError(
    ExitCode.usage,
    `${stack} has the outputs of an environment, expected those of the operations stack.`,
    {
      where: stack,
      next: "Set slipway:environment to operations in its stack file and bring it up again.",
    },
  );
}
