import { z } from "zod";
import { dataSettings, withDataProfile } from "./data-schema.ts";
import type { ModelProfile } from "./model-profile.ts";
import { modelBreaches, modelSettings, withModelProfile } from "./model-schema.ts";
import {
  type GitopsPlan,
  type ServicePlan,
  gitopsPlan,
  gitopsSettings,
  manifestsBranch,
  serviceBreaches,
  serviceName,
  servicePlan,
  serviceSettings,
} from "./delivery-schema.ts";
import {
  type DataProfile,
  type EnvironmentName,
  type EnvironmentProfile,
  environmentNames,
  natStrategies,
  profiles,
} from "./profiles.ts";
import { type GitHubSettings, gitHubAdministration, gitHubSettings } from "./github-schema.ts";
import {
  type ObservabilityPlan,
  observabilityBreaches,
  observabilityPlan,
  observabilitySettings,
} from "./observability-schema.ts";
import { parseWith } from "./problems.ts";
import { choice, flag, group, text, whole } from "./rules.ts";
import { type StreamsPlan, streamsBreaches, streamsSettings, withStreamsProfile } from "./streams-schema.ts";

/** A wrong name keeps zod's own issue, which carries the rule of the name. */
function keyed(rule: string): z.core.$ZodErrorMap {
  return (issue) => (issue.code === "invalid_key" ? undefined : rule);
}

const accountId = text(/^\d{12}$/, 'an AWS account id: 12 digits in quotes, e.g. "111111111111"');
const roleArn = text(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, "the ARN of an IAM role");

const octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const cidrBlock = new RegExp(`^${octet}(?:\\.${octet}){3}/(?:[12]?\\d|3[0-2])$`);
const vpcCidr = text(
  /^(?:10\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.\d{1,3}\.\d{1,3}\/(?:1[6-9]|20)$/,
  "a private IPv4 block between /16 and /20, e.g. 10.10.0.0/16",
).regex(cidrBlock, { error: "a valid IPv4 block" });
const allowedCidr = text(cidrBlock, "an IPv4 block, e.g. 203.0.113.0/24").refine((cidr) => !cidr.endsWith("/0"), {
  error: "blocks that are not the whole internet",
});

const account = group("id and region, and perhaps assumeRole", {
  id: accountId,
  region: text(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "an AWS region, e.g. us-east-1"),
  assumeRole: roleArn.optional(),
}).refine((value) => value.assumeRole === undefined || value.assumeRole.split(":")[4] === value.id, {
  path: ["assumeRole"],
  error: "a role of the account in account.id",
});

const network = group("cidr, and perhaps azCount and nat", {
  cidr: vpcCidr,
  azCount: whole(2, 4).optional(),
  nat: choice(natStrategies).optional(),
});

const endpoint = group("public, and cidrs where it is true", {
  public: flag,
  cidrs: z.array(allowedCidr).optional(),
}).refine((value) => !value.public || (value.cidrs?.length ?? 0) > 0, {
  path: ["cidrs"],
  error: "at least one block that may reach the public endpoint",
});

const cluster = group("version and administrators, and perhaps endpoint", {
  version: text(/^1\.\d{2}$/, 'a Kubernetes version in quotes, e.g. "1.35"'),
  endpoint: endpoint.optional(),
  administrators: z.array(roleArn, { error: "a list of role ARNs" }).min(1, { error: "at least one role ARN" }),
});

const services = z.record(serviceName, serviceSettings, { error: keyed("services by name, {} for none") });

const tags = z.record(
  text(/^[\w .:/=+@-]{1,128}$/, "a tag key of at most 128 letters, digits and _.:/=+-@"),
  text(/^[\w .:/=+@-]{0,256}$/, "a tag value of at most 256 letters, digits and _.:/=+-@"),
);

const operationsSchema = z.strictObject({
  environment: z.literal("operations"),
  account,
  environmentAccounts: group("the account ids of dev, staging and prod", {
    dev: accountId,
    staging: accountId,
    prod: accountId,
  }),
  repositories: z.array(serviceName, { error: "a list of service names" }),
  scanning: choice(["basic", "enhanced"]).optional(),
  github: gitHubAdministration.optional(),
  tags: tags.optional(),
});

const environmentShape = z.strictObject({
  environment: z.enum(environmentNames),
  account,
  network,
  cluster,
  services,
  gitops: gitopsSettings,
  data: dataSettings.optional(),
  model: modelSettings.optional(),
  streams: streamsSettings.optional(),
  observability: observabilitySettings.optional(),
  github: gitHubSettings.optional(),
  tags: tags.optional(),
});

/** Rules between keys, and between keys and the environment. */
const environmentSchema = environmentShape.superRefine((settings, context) => {
  const { environment, gitops, cluster: control } = settings;
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
  if (environment === "prod" && control.endpoint?.public === true)
    refuse(["cluster", "endpoint", "public"], "false: prod's API server is reached from inside its network alone");
  if (!manifestsBranch(environment).test(gitops.branch))
    refuse(["gitops", "branch"], `a branch of this environment alone, such as manifests/${environment}`);
  for (const { path, message } of serviceBreaches(settings.services, profiles[environment].services))
    refuse(["services", ...path], message);
  const profile = profiles[environment];
  const data = settings.data?.enabled ?? profile.data.enabled;
  for (const { path, message } of modelBreaches(settings.model, { environment, profile: profile.model, data }))
    refuse(["model", ...path], message);
  for (const { path, message } of streamsBreaches(settings.streams, environment)) refuse(["streams", ...path], message);
  const model = data && (settings.model?.enabled ?? profile.model.enabled);
  for (const { path, message } of observabilityBreaches(settings.observability, { data, model }))
    refuse(["observability", ...path], message);
});

const anySchema = z.looseObject({ environment: choice(["operations", ...environmentNames]) });

export type OperationsSettings = z.infer<typeof operationsSchema> & { tags: Record<string, string> };

export interface EnvironmentSettings {
  environment: EnvironmentName;
  account: z.infer<typeof account>;
  network: { cidr: string; azCount: number; nat: (typeof natStrategies)[number] };
  cluster: { version: string; endpoint: { public: boolean; cidrs: string[] }; administrators: string[] };
  services: Record<string, ServicePlan>;
  gitops: GitopsPlan;
  data: DataProfile;
  model: ModelProfile;
  /** Absent where the stack file has no stream processing. */
  streams?: StreamsPlan | undefined;
  observability: ObservabilityPlan;
  github?: GitHubSettings | undefined;
  tags: Record<string, string>;
  profile: EnvironmentProfile;
}

export type Settings = OperationsSettings | EnvironmentSettings;

/** Top-level keys whose value is more than one word; Pulumi hands them over as JSON. */
export const structuredKeys: readonly string[] = [
  ...new Set([...Object.keys(operationsSchema.shape), ...Object.keys(environmentSchema.shape)]),
].filter((key) => key !== "environment");

function withProfile(parsed: z.infer<typeof environmentSchema>): EnvironmentSettings {
  const profile = profiles[parsed.environment];
  const { azCount = profile.azCount, nat = profile.nat, cidr } = parsed.network;
  const { public: isPublic, cidrs = [] } = parsed.cluster.endpoint ?? { public: false };
  return {
    ...parsed,
    network: { cidr, azCount, nat },
    cluster: { ...parsed.cluster, endpoint: { public: isPublic, cidrs } },
    services: Object.fromEntries(
      Object.entries(parsed.services).map(([name, service]) => [name, servicePlan(service, profile.services)]),
    ),
    gitops: gitopsPlan(parsed.gitops),
    data: withDataProfile(profile.data, parsed.data),
    model: withModelProfile(profile.model, parsed.model),
    streams: withStreamsProfile(profile.streams, parsed.streams),
    observability: observabilityPlan(parsed.observability),
    tags: parsed.tags ?? {},
    profile,
  };
}

/**
 * Settings of one stack from its raw configuration (keys without the `slipway:` prefix).
 * @throws SlipwayError (usage) that lists every problem: file, key, value, rule, next step.
 */
export function parseSettings(
  raw: Readonly<Record<string, unknown>>,
  file = `Pulumi.${String(raw.environment)}.yaml`,
): Settings {
  const source = { file, prefix: "slipway:" };
  const { environment } = parseWith(anySchema, raw, source);
  if (environment === "operations") {
    const parsed = parseWith(operationsSchema, raw, source);
    return { ...parsed, tags: parsed.tags ?? {} };
  }
  return withProfile(parseWith(environmentSchema, raw, source));
}
