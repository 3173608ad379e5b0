import { block, list, text } from "../../types/build.ts";
import type { Properties } from "../../types/type-spec.ts";
import { invalid, requiredText, resourceName } from "../input.ts";
import { arnOf, AwsError, present, seconds, type Operations, type Scope } from "../protocol.ts";
import { apiForm, type CloudRecord } from "../record.ts";
import type { State } from "../state.ts";
import type { Fleet } from "./endpoint-state.ts";
import { findPackage } from "./packages.ts";

interface Services {
  state: State;
  record: CloudRecord;
}

/** What runs for one variant of an endpoint. */
export interface Variant {
  name: string;
  weight: number;
  /** Instances of the request; here each variant is one process. */
  instances: number;
  /** Members of the variant in the configuration. */
  members: Properties;
  model: string;
}

/** The container of a model. */
export interface ModelContainer {
  image: string;
  /** `s3://…/model.tar.gz`; absent where the image brings its model. */
  url?: string;
  environment: Readonly<Record<string, string>>;
}

const kinds = {
  model: { title: "model", resource: "model", name: "ModelName", arn: "ModelArn" },
  endpointConfig: {
    title: "endpoint configuration",
    resource: "endpoint-config",
    name: "EndpointConfigName",
    arn: "EndpointConfigArn",
  },
} as const;
type Kind = keyof typeof kinds;

/** Models and endpoint configurations: those of the API, and those that Pulumi made. */
export function modelOperations(services: Services): Operations {
  return {
    CreateModel: (input, scope) => {
      modelContainer(services, scope, containersOf(input));
      return create(services, "model", input, scope);
    },
    DescribeModel: (input, scope) => describe(services, "model", input, scope),
    DeleteModel: (input, scope) => remove(services, "model", input, scope),
    CreateEndpointConfig: (input, scope) => {
      for (const { model } of variantsIn(input)) containerOf(services, scope, model);
      return create(services, "endpointConfig", input, scope);
    },
    DescribeEndpointConfig: (input, scope) => describe(services, "endpointConfig", input, scope),
    DeleteEndpointConfig: (input, scope) => remove(services, "endpointConfig", input, scope),
  };
}

function create({ state, record }: Services, kind: Kind, input: Properties, scope: Scope): Properties {
  const { title, name: member, arn } = kinds[kind];
  const name = requiredText(input, member, resourceName);
  const known = state.get(kind, scope, name) !== undefined || record.find(kind, scope, name) !== undefined;
  const own = arnOfKind(kind, scope, name);
  if (known) throw new AwsError("ValidationException", `Cannot create already existing ${title} "${own}".`);
  state.put(kind, scope, name, { ...input, CreationTime: seconds(Date.now()) });
  return { [arn]: own };
}

function describe(services: Services, kind: Kind, input: Properties, scope: Scope): Properties {
  const { name: member, arn } = kinds[kind];
  const name = requiredText(input, member);
  const { Tags: _tags, ...found } = membersOf(services, kind, scope, name);
  return present({ ...found, [member]: name, [arn]: arnOfKind(kind, scope, name) });
}

function remove(services: Services, kind: Kind, input: Properties, scope: Scope): Properties {
  const name = requiredText(input, kinds[kind].name);
  membersOf(services, kind, scope, name);
  services.state.remove(kind, scope, name);
  return {};
}

/** Members of a model or configuration. @throws AwsError where there is none. */
function membersOf({ state, record }: Services, kind: Kind, scope: Scope, name: string): Properties {
  const own = state.get(kind, scope, name);
  if (own !== undefined) return own;
  const recorded = record.find(kind, scope, name);
  if (recorded !== undefined)
    return { ...apiForm(recorded.properties), CreationTime: seconds(Date.parse(recorded.createdAt)) };
  throw new AwsError("ValidationException", `Could not find ${kinds[kind].title} "${arnOfKind(kind, scope, name)}".`);
}

function arnOfKind(kind: Kind, scope: Scope, name: string): string {
  return arnOf(scope, "sagemaker", `${kinds[kind].resource}/${name}`);
}

/** What runs for an endpoint configuration. @throws AwsError where it, or a model of it, is not there. */
export function fleetOf(services: Services, scope: Scope, config: string): Fleet {
  const members = membersOf(services, "endpointConfig", scope, config);
  const capture = members["DataCaptureConfig"];
  const variants = variantsIn(members).map((each) => ({
    ...each,
    container: containerOf(services, scope, each.model),
  }));
  return { config, variants, ...(capture === undefined ? {} : { capture: block(capture) }) };
}

function variantsIn(config: Properties): Variant[] {
  const variants = list(config["ProductionVariants"]).map((each, at): Variant => {
    const members = block(each);
    const [weight, instances] = [members["InitialVariantWeight"], members["InitialInstanceCount"]];
    const model = text(members["ModelName"]);
    if (model === undefined)
      throw invalid(`ProductionVariants.${at + 1}.ModelName`, undefined, "Member must not be null");
    return {
      name: text(members["VariantName"]) ?? `variant-${at + 1}`,
      weight: typeof weight === "number" && weight >= 0 ? weight : 1,
      instances: typeof instances === "number" ? instances : 1,
      members,
      model,
    };
  });
  if (variants.length > 0) return variants;
  throw invalid("ProductionVariants", config["ProductionVariants"], "Member must have at least one variant");
}

/** @throws AwsError where the model is not there, or not one that the sandbox can run. */
function containerOf(services: Services, scope: Scope, model: string): ModelContainer {
  return modelContainer(services, scope, containersOf(membersOf(services, "model", scope, model)));
}

function containersOf(model: Properties): Properties[] {
  const primary = block(model["PrimaryContainer"]);
  return Object.keys(primary).length > 0 ? [primary] : list(model["Containers"]).map(block);
}

function modelContainer(services: Services, scope: Scope, containers: readonly Properties[]): ModelContainer {
  const [container, another] = containers;
  if (container === undefined) throw invalid("PrimaryContainer", undefined, "Member must not be null");
  if (another !== undefined) throw invalid("Containers", containers.length, "the sandbox runs models of one container");
  const given = text(container["ModelPackageName"]);
  const packaged = given === undefined ? {} : packagedContainer(services, scope, given);
  const image = text(container["Image"]) ?? text(packaged["Image"]);
  if (image === undefined) throw invalid("PrimaryContainer.Image", undefined, "Member must not be null");
  const url = urlOf(container) ?? urlOf(packaged);
  const variables = { ...block(packaged["Environment"]), ...block(container["Environment"]) };
  const environment = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
  return { image, environment, ...(url === undefined ? {} : { url }) };
}

function packagedContainer(services: Services, scope: Scope, name: string): Properties {
  const { found } = findPackage(services, name, "PrimaryContainer.ModelPackageName", scope);
  if (found.approval !== "Approved")
    throw new AwsError(
      "ValidationException",
      `Model Package ${name} is not approved: its status is ${found.approval}.`,
    );
  return block(list(block(found.members["InferenceSpecification"])["Containers"])[0]);
}

function urlOf(container: Properties): string | undefined {
  return text(container["ModelDataUrl"]) ?? text(block(block(container["ModelDataSource"])["S3DataSource"])["S3Uri"]);
}
