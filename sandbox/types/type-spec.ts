/** Property bag as the engine sends it, secrets unwrapped, unknowns as the `unknown` symbol value in previews. */
export type Properties = Record<string, unknown>;

/** Who is asking and when: everything a type may depend on besides its own inputs. */
export interface TypeContext {
  urn: string;
  /** Logical resource name, the last part of the URN. */
  name: string;
  /** AWS account id, GitHub owner, Atlas organisation or Kubernetes cluster the provider is configured for. */
  account: string;
  region: string;
  /** AWS partition of the region: `aws`, `aws-cn`, `aws-us-gov`. */
  partition: string;
  /** Hex characters, the same for the same URN in the same sandbox, so ids are stable under test. */
  suffix(length: number): string;
  /**
   * Resources of one type in the same account and region (account only, for global types): all, or those whose input has the value.
   * Where there may be many, ask for those: reading all of them for each makes the thousandth as slow as a thousand.
   */
  find(type: string, where?: InputEquals): readonly CloudResource[];
  /** ISO time of the operation. */
  now(): string;
  /** Tags that the provider puts on everything it makes; they show up in `tagsAll`, an input of whatever takes tags. */
  defaultTags?: Readonly<Record<string, string>>;
}

/** A top-level input and the value it must have. */
export interface InputEquals {
  input: string;
  value: string;
}

/** A resource as the sandbox's cloud keeps it. */
export interface CloudResource {
  account: string;
  region: string;
  type: string;
  id: string;
  urn: string;
  inputs: Properties;
  outputs: Properties;
  createdAt: string;
}

/** What is wrong with an input; shown by the engine at the property. */
export interface Failure {
  property: string;
  reason: string;
}

/** What a data source may depend on besides its arguments. */
export interface InvokeContext {
  account: string;
  region: string;
  partition: string;
  /** Resources of one type in the same account and region (account only, for global types). */
  find(type: string): readonly CloudResource[];
}

/** A data source: arguments in, result out. Throws an `Error` with the service's own wording when it finds nothing. */
export type Invoke = (args: Properties, context: InvokeContext) => Properties;

/**
 * How one resource type behaves, as data and small pure functions. Wherever a property is named, a dotted path
 * (`metadata.name`, `vpcConfig.subnetIds`) reaches into nested objects; see `valueAt` in `path.ts`. A type without an entry is echoed: inputs become
 * outputs, the id is made up, and `slipway sandbox status` lists it as echoed.
 */
export interface TypeSpec {
  /** Type token, e.g. `aws:s3/bucket:Bucket`. */
  type: string;
  /** Property that carries the physical name; filled as `<logical name>-<7 hex>` when the program leaves it out. */
  autoName?: { property: string; maxLength: number; separator?: string };
  /** Values the service fills in when the program says nothing. */
  defaults?: Properties;
  /**
   * Inputs that the provider itself makes out of the program's and its own configuration while it checks them. They are on record
   * with the others, so that a change of the configuration shows as a change of the resource.
   */
  derived?(inputs: Properties, context: TypeContext): Properties;
  /** Global types (IAM, CloudFront) ignore the region in ids and uniqueness. */
  global?: boolean;
  validate?(inputs: Properties, context: TypeContext): Failure[];
  id(inputs: Properties, context: TypeContext): string;
  /** Outputs beyond the inputs. Must not depend on anything but the arguments. */
  outputs?(inputs: Properties, id: string, context: TypeContext): Properties;
  /**
   * Outputs that are only known after creation, nested ones by their path (`vpcConfig.vpcId`); reported as unknown while
   * previewing a create.
   */
  computed?: readonly string[];
  /** Input properties whose change replaces the resource. */
  replaceOn?: readonly string[];
  deleteBeforeReplace?: boolean;
  /** Properties that together must be unique within account and region; a clash fails the create like the service does. */
  unique?: {
    properties: readonly string[];
    error(inputs: Properties): string;
    /** `everywhere`: names that are taken across all accounts and regions, such as those of S3 buckets. */
    scope?: "account" | "everywhere";
  };
  /**
   * References that must exist at creation: input property -> type whose id, name or ARN it holds. Lists are looked
   * through element by element; a value that is absent or not yet known is not looked up.
   */
  references?: Readonly<Record<string, string>>;
  /** What the service answers instead of creating the resource, or undefined. All inputs are known by then. */
  refuseCreate?(inputs: Properties, context: TypeContext): string | undefined;
  /** Why this resource cannot be deleted now, or undefined. */
  inUse?(resource: CloudResource, context: TypeContext): string | undefined;
  /** Creating it where it is already takes it over, as a PUT does; without this the create fails. */
  overwrites?: boolean;
  /** How long a deleted resource keeps its unique properties taken, and what a create is told in that time. */
  held?: { days(inputs: Properties): number; error(inputs: Properties): string };
  /** What goes away together with this resource. */
  cascade?(resource: CloudResource, context: TypeContext): readonly CloudResource[];
  /** Outputs that are secret whatever the inputs were. */
  secretOutputs?: readonly string[];
  /** States the service passes through before the resource is usable, with the output that shows them. */
  lifecycle?: { property: string; states: readonly string[] };
  /** One line for `slipway sandbox status`: what is real about it and what is not. */
  fidelity: string;
}
