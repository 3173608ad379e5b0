import type * as pulumi from "@pulumi/pulumi";
import { StreamsPipeline } from "../components/streams/streams-pipeline.ts";
import { streamsArgs } from "../config/component-args.ts";
import type { ArtifactFiles } from "../config/release.ts";
import type { EnvironmentSettings } from "../config/schema.ts";
import type { ProcessorPlan } from "../config/streams-processors.ts";
import { loadStreamsDefinition } from "../config/streams.ts";
import { atlasProvider } from "./providers.ts";

/** Stream processing of an environment; undefined where its stack file has none. */
export async function streamsPipeline(
  settings: EnvironmentSettings,
  supplies: { root: string; files: ArtifactFiles },
  { transforms }: Pick<pulumi.ComponentResourceOptions, "transforms">,
): Promise<StreamsPipeline<ProcessorPlan> | undefined> {
  const { streams, environment: name } = settings;
  if (streams === undefined) return undefined;
  const definition = await loadStreamsDefinition(supplies.root, supplies.files, {
    ...{ name, settings: streams },
    environment: process.env,
    now: new Date(),
  });
  const provider = atlasProvider(settings, process.env);
  return new StreamsPipeline("streams", streamsArgs(settings, definition), {
    providers: [provider],
    ...(transforms !== undefined && { transforms }),
  });
}
