import * as pulumi from "@pulumi/pulumi";
import { remoteOutputs } from "./remote-components.ts";
import { type RegisterRequest, Transforms } from "./transforms.ts";

type Properties = Record<string, unknown>;

const secretMark = "4dabf18193072939515e22adb298388d";
const secretValue = "1b47061264138c4ac30d75fd1eb44270";

/** Takes the wire form of secrets away, at any depth. */
function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  const record = value as Properties;
  if (record[secretMark] === secretValue) return reveal(record.value);
  return Object.fromEntries(Object.entries(record).map(([key, part]) => [key, reveal(part)]));
}

/** Dotted paths of what is secret. */
function secretPaths(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  const record = value as Properties;
  if (record[secretMark] === secretValue) return [path];
  const inside = Object.entries(record);
  return inside.flatMap(([key, part]) => secretPaths(part, path === "" ? key : `${path}.${key}`));
}

/** One registered resource, with the options that mocks alone do not show. */
export interface Registered {
  type: string;
  name: string;
  inputs: Properties;
  custom: boolean;
  /** Type and name of the direct parent; undefined for children of the stack. */
  parent: string | undefined;
  protect: boolean;
  retainOnDelete: boolean;
  /** Type and name of the explicit provider; undefined where the default one would be used. */
  provider: string | undefined;
  aliases: unknown[];
  ignoreChanges: string[];
  replaceOnChanges: string[];
  deleteBeforeReplace: boolean;
  /** Dotted paths of inputs that are secret, and outputs that are whatever the inputs were. */
  secrets: string[];
  additionalSecretOutputs: string[];
  dependsOn: string[];
  transforms: number;
}

export interface RunOptions {
  stack?: string;
  /** Configuration as `pulumi config` keeps it: keys with namespace, structured values as JSON. */
  config?: Record<string, string>;
  preview?: boolean;
  /** Outputs of other stacks by the name of the StackReference. */
  stacks?: Record<string, Properties>;
  /** Outputs of resources by type beyond their inputs. */
  outputs?: Record<string, (name: string, inputs: Properties) => Properties>;
}

export interface Run {
  resources: Registered[];
  outputs: Properties;
  /** The complete list of `type name`, sorted, without the stack itself. */
  list(): string[];
  /** The one resource of a type and name; throws where there is none or more than one. */
  get(type: string, name: string): Registered;
  ofType(type: string): Registered[];
}

/** JSON of a policy document that was registered as text. */
export function policyOf(resource: Registered, property = "policy"): { Statement: Record<string, unknown>[] } {
  return JSON.parse(String(resource.inputs[property])) as { Statement: Record<string, unknown>[] };
}

const region = "us-east-1";
const computed: Record<string, (name: string, inputs: Properties) => Properties> = {
  "aws:kms/key:Key": (name) => ({ arn: `arn:aws:kms:${region}:111111111111:key/${name}`, keyId: name }),
  "aws:s3/bucket:Bucket": (_, inputs) => ({ arn: `arn:aws:s3:::${String(inputs.bucket)}` }),
  "aws:ecr/repository:Repository": (_, inputs) => ({
    arn: `arn:aws:ecr:${region}:111111111111:repository/${String(inputs.name)}`,
    repositoryUrl: `111111111111.dkr.ecr.${region}.amazonaws.com/${String(inputs.name)}`,
  }),
  "aws:iam/role:Role": (name) => ({ name, arn: `arn:aws:iam::111111111111:role/${name}` }),
  "aws:cloudwatch/logGroup:LogGroup": (_, inputs) => ({
    arn: `arn:aws:logs:${region}:111111111111:log-group:${String(inputs.name)}`,
  }),
  "aws:lambda/function:Function": (_, inputs) => ({
    arn: `arn:aws:lambda:${region}:111111111111:function:${String(inputs.name)}`,
    version: "1",
  }),
  "aws:apigatewayv2/api:Api": (name) => ({
    apiEndpoint: `https://${name}.execute-api.${region}.amazonaws.com`,
    executionArn: `arn:aws:execute-api:${region}:111111111111:${name}`,
  }),
  "aws:sagemaker/pipeline:Pipeline": (_, inputs) => ({
    arn: `arn:aws:sagemaker:${region}:111111111111:pipeline/${String(inputs.pipelineName)}`,
  }),
  "aws:lambda/layerVersion:LayerVersion": (_, inputs) => ({
    arn: `arn:aws:lambda:${region}:111111111111:layer:${String(inputs.layerName)}:1`,
  }),
  "aws:glue/job:Job": (_, inputs) => ({ arn: `arn:aws:glue:${region}:111111111111:job/${String(inputs.name)}` }),
  "aws:sfn/stateMachine:StateMachine": (_, inputs) => {
    const arn = `arn:aws:states:${region}:111111111111:stateMachine:${String(inputs.name)}`;
    return { arn, stateMachineVersionArn: `${arn}:1` };
  },
  "aws:sns/topic:Topic": (_, inputs) => ({ arn: `arn:aws:sns:${region}:111111111111:${String(inputs.name)}` }),
  "aws:sqs/queue:Queue": (_, inputs) => ({ arn: `arn:aws:sqs:${region}:111111111111:${String(inputs.name)}` }),
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 1 }),
  "aws:eks/nodeGroup:NodeGroup": (name) => ({ nodeGroupName: name }),
};

function mocksOf(options: RunOptions): pulumi.runtime.Mocks {
  return {
    call: () => ({}),
    newResource: ({ type, name, inputs: raw }) => {
      const inputs = reveal(raw) as Properties;
      if (type === "pulumi:pulumi:StackReference") {
        return { id: name, state: { ...inputs, outputs: options.stacks?.[String(inputs.name)] ?? {} } };
      }
      // A preview knows inputs only, which is what makes it worth a test.
      const known = options.preview && !type.startsWith("pulumi:providers:") ? {} : computed[type]?.(name, inputs);
      const remote = options.preview ? {} : remoteOutputs(type, name, inputs);
      return {
        id: `${name}-id`,
        state: { ...inputs, ...known, ...remote, ...options.outputs?.[type]?.(name, inputs) },
      };
    },
  };
}

/** `type name` of a mock URN; undefined for the stack. */
function label(urn: string): string | undefined {
  const parts = urn.split("::");
  const type = parts[2]?.split("$").at(-1) ?? "";
  return type === "" || type === "pulumi:pulumi:Stack" ? undefined : `${type} ${parts.slice(3).join("::")}`;
}

function registered(request: RegisterRequest): Registered {
  const raw = request.toObject();
  const providers = (raw.providersMap as [string, string][] | undefined) ?? [];
  const explicit = (raw.provider as string | undefined) || (providers[0]?.[1] ?? "");
  return {
    type: String(raw.type),
    name: String(raw.name),
    inputs: reveal(request.getObject().toJavaScript()) as Properties,
    custom: raw.custom === true,
    parent: label((raw.parent as string | undefined) ?? ""),
    protect: raw.protect === true,
    retainOnDelete: raw.retainondelete === true,
    provider: explicit === "" ? undefined : label(explicit.split("::").slice(0, 4).join("::")),
    aliases: (raw.aliasesList as unknown[] | undefined) ?? [],
    ignoreChanges: (raw.ignorechangesList as string[] | undefined) ?? [],
    replaceOnChanges: (raw.replaceonchangesList as string[] | undefined) ?? [],
    deleteBeforeReplace: raw.deletebeforereplace === true,
    secrets: secretPaths(request.getObject().toJavaScript()).sort(),
    additionalSecretOutputs: (raw.additionalsecretoutputsList as string[] | undefined) ?? [],
    dependsOn: ((raw.dependenciesList as string[] | undefined) ?? []).map((urn) => label(urn) ?? urn),
    transforms: ((raw.transformsList as unknown[] | undefined) ?? []).length,
  };
}

type Registration = (error: unknown, answer?: { getUrn(): string }) => void;

/** Notes every registration on its way to the mocks, after the transforms that apply to it. */
function record(into: Registered[]): Transforms {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegisterRequest, callback: Registration): void;
  };
  const transforms = new Transforms();
  const original = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    void transforms.apply(request).then(() => {
      const resource = registered(request);
      if (resource.type !== "pulumi:pulumi:Stack") into.push(resource);
      original(request, (error, answer) => {
        if (answer !== undefined) transforms.registered(request, answer.getUrn());
        callback(error, answer);
      });
    }, callback);
  };
  return transforms;
}

/** Value of an output once it is known; during a preview undefined where it is not. */
export async function promised<T>(output: pulumi.Input<T>): Promise<T> {
  const known = pulumi.output(output) as unknown as { promise(withUnknowns?: boolean): Promise<T> };
  return await known.promise();
}

function asRun(resources: Registered[], outputs: Properties): Run {
  return {
    resources,
    outputs,
    list: () => resources.map(({ type, name }) => `${type} ${name}`).sort(),
    ofType: (type) => resources.filter((resource) => resource.type === type),
    get: (type, name) => {
      const found = resources.filter((resource) => resource.type === type && resource.name === name);
      const [only] = found;
      if (only !== undefined && found.length === 1) return only;
      const names = resources.filter((resource) => resource.type === type).map((resource) => resource.name);
      throw new Error(
        `${found.length} resources ${type} ${name}; of that type there are: ${names.join(", ") || "none"}`,
      );
    },
  };
}

/** Nothing is built for a run under mocks: images are known by their files, as in the sandbox. */
process.env["SLIPWAY_IMAGES"] ??= "sources";

/**
 * Runs a program under mocks and waits until every registration is done. Each run stands alone.
 * Transforms run as the engine runs them; children of remote components are not there for them.
 */
export async function run(program: () => unknown, options: RunOptions = {}): Promise<Run> {
  const resources: Registered[] = [];
  const { stack = "dev", preview = false } = options;
  await pulumi.runtime.setMocks(mocksOf(options), "slipway", stack, preview, "organization");
  pulumi.runtime.setAllConfig(options.config ?? {});
  const transforms = record(resources);
  const outputs = await pulumi.runtime.runInPulumiStack(async () => await program());
  await pulumi.runtime.disconnect();
  transforms.close();
  return asRun(resources, await promised(outputs as Properties));
}
