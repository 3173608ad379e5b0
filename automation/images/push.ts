import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { findBuild, type ImageBuild, keepBuild } from "../release/image-builds.ts";
import type { Artifacts } from "../release/manifest.ts";
import { packWorkingTree } from "../release/working-tree.ts";
import type { Store } from "../store/store.ts";
import { buildAndPush } from "./build.ts";
import { copyImage, digestOfTag, signIn } from "./registry.ts";
import { type Revision, revisionOf, type Service } from "./services.ts";

/** Where images go and where it is kept what became of them. */
export interface PushTarget {
  store: Store;
  /** Repository of each service, without a tag. */
  repositories: Readonly<Record<string, string>>;
  /** Told of each image as soon as it is there: a later one may fail. */
  there?(image: PushedImage): Promise<void>;
  /** A second registry, such as `docker.io/acme`, that gets a copy of each. */
  mirror?: string;
}

/** `pushed` now; `found` in the registry, where a run had left it that was ended before it could say so; `known` from an earlier run. */
export type PushState = "pushed" | "found" | "known";

export interface PushedImage {
  service: string;
  /** `<repository>@sha256:…` */
  image: string;
  build: ImageBuild;
  state: PushState;
  /** Where its copy is. */
  mirror?: string;
}

/**
 * Sees to it that the images of a checkout are in their repositories, and that it is on record which files gave which image. What was
 * built from the same files before is not built again. It can be ended at any moment and run again.
 * @throws SlipwayError for files that no commit holds, and for a service without a repository.
 */
export async function pushImages(
  context: Context,
  services: readonly Service[],
  target: PushTarget,
): Promise<PushedImage[]> {
  const { images } = await packWorkingTree(context.root, { roots: services.map(({ folder }) => folder) });
  const wanted: Wanted[] = [];
  for (const service of services) wanted.push(await wantedOf(context, service, target, images));
  const asked = wanted.find(({ known }) => known === undefined || target.mirror !== undefined);
  const signOut = asked && (await signIn(context, asked.repository));
  try {
    const pushed: PushedImage[] = [];
    for (const one of wanted) {
      const image = await pushOne(context, one, target);
      await target.there?.(image);
      pushed.push(image);
    }
    return pushed;
  } finally {
    await signOut?.();
  }
}

interface Wanted {
  service: Service;
  source: string;
  revision: Revision;
  repository: string;
  /** What was pushed of the same files before. */
  known: ImageBuild | undefined;
}

async function wantedOf(
  { root }: Context,
  service: Service,
  { store, repositories }: PushTarget,
  images: Artifacts["images"],
): Promise<Wanted> {
  const { name, folder } = service;
  const repository = repositories[name];
  if (repository === undefined)
    throw new SlipwayError(ExitCode.notFound, `The operations account has no repository for ${name}.`, {
      where: "Pulumi.operations.yaml: slipway:repositories",
      next: `add ${name} there, then ./slipway up operations`,
    });
  const revision = await revisionOf(root, service);
  const source = images[name]?.digest;
  if (source === undefined) throw new Error(`${folder} gives no image ${name}`);
  return { service, source, revision, repository, known: await findBuild(store, name, source) };
}

async function pushOne(context: Context, wanted: Wanted, { store, mirror }: PushTarget): Promise<PushedImage> {
  const { service, known } = wanted;
  const { build, state } =
    known === undefined ? await makeBuild(context, wanted, store) : { build: known, state: "known" as const };
  const image = `${build.repository}@${build.digest}`;
  context.console.info(`${service.name}: ${image} (${state})`);
  if (mirror === undefined) return { service: service.name, image, build, state };
  const copy = `${mirror}/${service.name}:${build.commit}`;
  await copyImage(context, image, copy);
  return { service: service.name, image, build, state, mirror: copy };
}

/** Tags never move, so what the registry has under the commit is what was built from these files. */
async function makeBuild(context: Context, { service, source, revision, repository }: Wanted, store: Store) {
  const { commit } = revision;
  const found = await digestOfTag(context, `${repository}:${commit}`);
  const digest = found ?? (await buildAndPush(context, service, revision, `${repository}:${commit}`));
  const at = context.now().toISOString();
  const build = await keepBuild(store, service.name, { schema: 1, source, digest, repository, commit, at });
  return { build, state: found === undefined ? ("pushed" as const) : ("found" as const) };
}
