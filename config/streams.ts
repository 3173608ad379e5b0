import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { largerTier, tierAtLeast } from "../streams/engine/catalogue/tiers.ts";
import type { Tier } from "../streams/engine/files/documents.ts";
import type { Environment, StreamProject } from "../streams/engine/files/project.ts";
import type { Finding } from "../streams/engine/finding.ts";
import { lint } from "../streams/engine/lint/lint.ts";
import type { ArtifactFiles } from "./release.ts";
import { planConnections } from "./streams-connections.ts";
import { readStreams, streamsFolder } from "./streams-files.ts";
import { type ProcessorPlan, planProcessor } from "./streams-processors.ts";
import type { StreamAlerts } from "./streams-profile.ts";
import { type StreamsPlan, featureEnd, featureWorkspace, workspaceName } from "./streams-schema.ts";
import { type FilledConnection, type Variables, valueOf } from "./streams-variables.ts";

/** Everything of an environment's stream processing, as plain values. */
export interface StreamsDefinition {
  projectId: string;
  workspace: string;
  provider: StreamsPlan["provider"];
  region: string;
  failoverRegions: NonNullable<StreamsPlan["failoverRegions"]>;
  /** What the workspace starts a processor on that names no tier, and the largest that it starts. */
  tier: Tier;
  maxTier: Tier;
  connections: readonly FilledConnection[];
  processors: Readonly<Record<string, ProcessorPlan>>;
  /** Processors that this one deployment starts without their checkpoints. */
  restart: readonly string[];
  /** Workspaces of branches whose time is not over, and whether processors run there. */
  features: readonly { workspace: string; start: boolean }[];
  alerts: StreamAlerts;
}

/** What a plan is made of. */
export interface StreamsSources {
  /** The environment's name. */
  name: string;
  settings: StreamsPlan;
  project: StreamProject;
  environment: Readonly<Record<string, string | undefined>>;
  now: Date;
}

/** Names of processors that begin anew in this one deployment; the driver sets it where somebody agreed to that. */
export const restartVariable = "SLIPWAY_STREAMS_RESTART";

/**
 * Stream processing of an environment: where it runs by stack file and program, what runs by the release.
 * @throws SlipwayError (usage) that lists every problem with its file.
 */
export async function loadStreamsDefinition(
  root: string,
  { processors }: Pick<ArtifactFiles, "processors">,
  sources: Omit<StreamsSources, "project">,
): Promise<StreamsDefinition> {
  const project = await readStreams(root, processors);
  const { definition, problems } = planStreams({ ...sources, project });
  if (problems.length === 0) return definition;
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map((line) => `  ${line}`).join("\n");
  throw new SlipwayError(ExitCode.usage, `stream processing of ${sources.name} has ${count}:\n${lines}`, {
    where: streamsFolder,
    next: "Correct them, then run the command again. Without slipway:streams in its stack file an environment has no stream processing.",
  });
}

/** The definition as far as it can be made, and everything that stands against it. */
export function planStreams(sources: StreamsSources): { definition: StreamsDefinition; problems: string[] } {
  const { name, settings, project, now } = sources;
  const variables: Variables = { settings: settings.variables, environment: sources.environment };
  const place = placeOf(sources, variables);
  const { environment, tier, maxTier } = place;
  const ground = { project, environment, rollout: settings.rollout, maxTier };
  const failover = (settings.failoverRegions ?? []).length > 0;
  const planned = project.processors.map((one) => ({ name: one.name, ...planProcessor(one, { ...ground, failover }) }));
  const processors = Object.fromEntries(
    planned.flatMap(({ name: own, plan }) => (plan === undefined ? [] : [[own, plan]])),
  );
  const connections = planConnections(project, variables);
  const restart = restarted(sources.environment, Object.keys(processors));
  const features = settings.features.filter((feature) => featureEnd(feature) > now);
  const { provider, region, failoverRegions = [], alerts } = settings;
  return {
    definition: {
      ...{ projectId: place.projectId, workspace: place.workspace, provider, region, failoverRegions, tier, maxTier },
      ...{ connections: connections.connections, processors, restart: restart.names },
      features: features.map(({ branch, start = false }) => ({ workspace: featureWorkspace(branch), start })),
      alerts,
    },
    problems: [
      ...place.problems,
      ...lintErrors(project, name),
      ...connections.problems,
      ...planned.flatMap((one) => one.problems),
      ...restart.problems,
    ],
  };
}

/** Where processors run, and on what by default. */
function placeOf({ name, settings, project }: StreamsSources, variables: Variables) {
  const found = project.environments.get(name);
  const environment: Environment = found ?? { name, config: undefined, thresholds: undefined };
  const config = environment.config;
  const maxTier = settings.maxTier ?? config?.maxTier ?? settings.defaultMaxTier;
  const usual = config?.defaultTier === "auto" ? undefined : config?.defaultTier;
  const wanted = settings.tier ?? usual ?? largerTier("SP2", tierAtLeast(maxTier, "SP10") ? "SP10" : maxTier);
  const projectId = settings.projectId ?? expanded(config?.variables["PROJECT_ID"], variables) ?? "";
  const workspace = settings.workspace ?? config?.workspaceName ?? "";
  const problems: (string | false)[] = [
    found === undefined && unknownEnvironment(name, [...project.environments.keys()].sort()),
    !/^[0-9a-f]{24}$/.test(projectId) &&
      "slipway:streams.projectId: missing, expected the id of an Atlas project: 24 hexadecimal digits. PROJECT_ID of config.env gives none either.",
    !workspaceName.test(workspace) &&
      `slipway:streams.workspace: ${workspace === "" ? "missing" : `got ${JSON.stringify(workspace)} of config.env`}, expected 1 to 64 letters, digits and dashes.`,
    !tierAtLeast(maxTier, wanted) && `tier ${wanted} of the workspace is above its maxTier ${maxTier}.`,
  ];
  return {
    environment,
    projectId,
    workspace,
    tier: wanted,
    maxTier,
    problems: problems.filter((one) => one !== false),
  };
}

function unknownEnvironment(name: string, known: readonly string[]): string {
  const others = known.length === 0 ? "There is none" : `There are ${known.join(", ")}`;
  return `${streamsFolder}/environments/${name}: missing, expected config.env and perhaps thresholds.json. ${others}.`;
}

/** Values of config.env may name one variable. */
function expanded(value: string | undefined, variables: Variables): string | undefined {
  const [, name] = /^\$\{?(\w+)\}?$/.exec(value ?? "") ?? [];
  return name === undefined ? value : valueOf(variables, name);
}

/** What the linter calls an error, for this environment. Tiers above the largest are found with the tiers that are planned. */
function lintErrors(project: StreamProject, environment: string): string[] {
  const others = [...project.environments.values()].filter(({ name }) => name !== environment);
  const elsewhere = new Set(others.map(({ config }) => config?.file));
  return lint(project, { environment })
    .filter(({ severity, rule, file }) => severity === "error" && rule !== "tiers/max-tier" && !elsewhere.has(file))
    .map(shown);
}

const shown = ({ file, line, column, message, rule, fix }: Finding) =>
  `${streamsFolder}/${file}:${line}:${column}: ${message} (${rule}). To correct it: ${fix}.`;

function restarted(
  { [restartVariable]: given = "" }: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): { names: string[]; problems: string[] } {
  const names = given.split(",").flatMap((name) => name.trim() || []);
  const strangers = names.filter((name) => !known.includes(name));
  return { names, problems: strangers.map((name) => `${restartVariable}: there is no processor ${name}.`) };
}
