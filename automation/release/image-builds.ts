import { join } from "node:path";
import { z } from "zod";
import { ExitCode, SlipwayError } from "../errors.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import { type Artifacts, digest } from "./manifest.ts";

const buildSchema = z.strictObject({
  schema: z.literal(1),
  /** What was built, by the digest of its files. */
  source: digest,
  /** What came of it, by the digest that the registry knows it by. */
  digest,
  /** Where it was pushed, without tag and digest. */
  repository: z.string().min(1),
  /** Commit that last changed the files; also the image's tag. */
  commit: z.string().regex(/^[0-9a-f]{40,64}$/u),
  at: z.iso.datetime(),
});

/** An image that was built and pushed. It is written once and never again, so what was built from the same files stays the same. */
export type ImageBuild = z.infer<typeof buildSchema>;

/** How the images of a checkout are known: by what was built and pushed, or, where nothing is built, by what they would be built from. */
export type ImageIdentity = "built" | "sources";

const buildKey = (name: string, source: string) => `images/${name}/${source.replace(":", "/")}.json`;

/** What was pushed of an image's files; undefined where nothing was. */
export async function findBuild(store: Store, name: string, source: string): Promise<ImageBuild | undefined> {
  const key = buildKey(name, source);
  const stored = await store.get(key);
  if (stored === undefined) return undefined;
  const parsed = buildSchema.safeParse(asJson(stored.body));
  if (parsed.success && parsed.data.source === source) return parsed.data;
  throw new SlipwayError(ExitCode.unexpected, `The record of the image ${name} is damaged.`, {
    where: `${store.location}/${key}`,
    next: "restore the file from an earlier version; the registry still has the image under the tag of its commit",
  });
}

/** Keeps what was pushed. Of two who build the same files the first wins, and both get its record. */
export async function keepBuild(store: Store, name: string, build: ImageBuild): Promise<ImageBuild> {
  const key = buildKey(name, build.source);
  const { ok } = await store.put(key, `${JSON.stringify(build, undefined, 2)}\n`, { ifAbsent: true });
  return ok ? build : ((await findBuild(store, name, build.source)) ?? build);
}

/** Artifacts whose images are named by what was pushed, and the names of those of which nothing was. */
export interface ResolvedImages {
  artifacts: Artifacts;
  missing: string[];
}

/** Puts in the place of every image what was built from it. An image of which nothing was pushed stays what its files are. */
export async function resolveImages(store: Store, artifacts: Artifacts): Promise<ResolvedImages> {
  const entries = await Promise.all(
    Object.entries(artifacts.images).map(async ([name, image]) => {
      const build = await findBuild(store, name, image.digest);
      return [name, build === undefined ? image : { ...image, digest: build.digest, source: image.digest }] as const;
    }),
  );
  const missing = entries.filter(([, { source }]) => source === undefined).map(([name]) => name);
  return { artifacts: { ...artifacts, images: Object.fromEntries(entries) }, missing };
}

/**
 * The same for a checkout, from the store that it names.
 * @param unpushed Told of images that no registry has.
 */
export async function resolveCheckoutImages(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
  packed: Artifacts,
  unpushed: (problem: SlipwayError) => void,
): Promise<Artifacts> {
  const store = await openStore({ root, environment, directory: join(root, ".slipway", "store") });
  const { artifacts, missing } = await resolveImages(store, packed);
  if (missing.length > 0) unpushed(missingImages(missing, store));
  return artifacts;
}

/** Why nothing may be deployed yet: a cluster would look for images that no registry has. */
export function missingImages(names: readonly string[], store: Store): SlipwayError {
  const [images, were] = names.length === 1 ? ["The image", "was"] : ["The images", "were"];
  return new SlipwayError(ExitCode.notFound, `${images} ${names.join(", ")} of this commit ${were} not pushed yet.`, {
    where: `${store.location}/images`,
    next: `./slipway images push ${names.join(" ")} (the workflow that deploys main does it by itself)`,
  });
}

function asJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}
