import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parseOperationsOutputs } from "../../config/outputs.ts";
import { operationsStack } from "../bootstrap/site.ts";
import type { Context } from "../context.ts";
import { readOutputs } from "../engine/stack.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { buildImage } from "../images/build.ts";
import { type PushedImage, pushImages } from "../images/push.ts";
import { scanImage, severitiesFrom } from "../images/scan.ts";
import { findServices, lastBuilt, type Service } from "../images/services.ts";
import { type Listening, smokeImage } from "../images/smoke.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { done, text, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";

type Options = Record<string, unknown>;
const DEFAULT_PATIENCE_SECONDS = 60;

const actions: Readonly<
  Record<string, (context: Context, services: Service[], options: Options) => Promise<CommandResult>>
> = {
  build,
  smoke,
  scan,
  push,
};

/** `images build|smoke|scan|push [services...]`: the steps of a service's own pipeline, the same here and in a workflow. */
export async function run(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const [name = "", ...services] = args;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action)
    throw new SlipwayError(ExitCode.usage, `There is no action "${name}".`, {
      next: `Use one of: ${Object.keys(actions).join(", ")}.`,
    });
  const found = await findServices(context.root, services);
  const silent = found.find(({ port }) => port === undefined);
  // Among all images, one that runs jobs is passed over; asked for by its name, it gets an answer.
  if (action === smoke && silent !== undefined && services.length > 0)
    throw new SlipwayError(ExitCode.usage, `The image ${silent.name} runs jobs: nothing in it listens.`, {
      where: silent.folder,
      next: "smoke a service; `./slipway model run --local` tries out the jobs",
    });
  return action(context, found, options);
}

async function build(context: Context, services: Service[]): Promise<CommandResult> {
  const images = [];
  for (const service of services) images.push(await buildImage(context, service));
  return done({ action: "build", images }, images.map(({ service, image }) => `${service}  ${image}`).join("\n"));
}

async function push(context: Context, services: Service[], options: Options): Promise<CommandResult> {
  const mirror = text(options, "mirror");
  if (mirror !== undefined && !/^[a-z0-9][a-z0-9.:/_-]*[a-z0-9]$/u.test(mirror))
    throw new SlipwayError(ExitCode.usage, `--mirror: got "${mirror}", expected a registry such as docker.io/acme.`);
  if (context.sandbox)
    throw new SlipwayError(ExitCode.usage, "The sandbox has no registry: an image is what it would be built from.", {
      next: "./slipway build --sandbox makes a release without any",
    });
  const workspace = await openWorkspace(context);
  const { store } = workspace;
  const repositories = await repositoriesOf(workspace);
  const images = await pushImages(context, services, {
    ...{ store, repositories, there: keepChecksums(context, text(options, "checksums")) },
    ...(mirror === undefined ? {} : { mirror }),
  });
  const lines = images.map(({ service, image, state }) => `${service}  ${image}  ${state}`);
  return done({ action: "push", images }, lines.join("\n"));
}

/** Writes down what was pushed just now, image by image, so that also what comes before a failure is attested. The rest was when it was pushed. */
function keepChecksums({ root }: Context, file: string | undefined) {
  let lines = "";
  return async ({ state, build: { digest, repository } }: PushedImage): Promise<void> => {
    if (file === undefined || state === "known") return;
    lines += `${digest.replace("sha256:", "")}  ${repository}\n`;
    await writeFile(path.resolve(root, file), lines);
  };
}

async function repositoriesOf(workspace: Workspace): Promise<Record<string, string>> {
  const { root: workDir, environment } = workspace;
  const ref = { stack: operationsStack, workDir, environment };
  const outputs = parseOperationsOutputs(await readOutputs(await workspace.cli(), ref));
  return Object.fromEntries(Object.entries(outputs.repositories).map(([name, { url }]) => [name, url]));
}

async function smoke(context: Context, services: Service[], options: Options): Promise<CommandResult> {
  const patience = (count(options, "timeout") ?? DEFAULT_PATIENCE_SECONDS) * 1000;
  const images = [];
  for (const service of services.filter((one): one is Listening => one.port !== undefined)) {
    const result = await smokeImage(context, service, await lastBuilt(context.root, service), patience);
    images.push({ service: service.name, ...result });
  }
  const lines = images.map(({ service, attempts }) => `${service}  healthy after ${attempts} attempts`);
  return done({ action: "smoke", images }, lines.join("\n"));
}

async function scan(context: Context, services: Service[], options: Options): Promise<CommandResult> {
  const severities = severitiesFrom(text(options, "severity") ?? "high");
  const folder = text(options, "output") ?? ".slipway/scans";
  const images = [];
  for (const service of services)
    images.push(await scanImage(context, await lastBuilt(context.root, service), severities, folder));
  const clean = images.every(({ findings }) => findings === 0);
  return {
    exitCode: clean ? ExitCode.done : ExitCode.policy,
    json: { action: "scan", images },
    text: images.map(({ service, findings, sarif }) => `${service}  ${findings} findings  ${sarif}`).join("\n"),
  };
}
