import { existsSync } from "node:fs";
import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { ExitCode, SlipwayError } from "../errors.ts";
import { tryGit } from "../git/git.ts";

/** A folder with a Dockerfile: a service below `services/`, or the image that runs the jobs of the model pipeline. */
export interface Service {
  name: string;
  /** From the root, with slashes. */
  folder: string;
  /** What its image exposes; absent where it runs jobs and nothing listens. */
  port?: number;
}

/** Where images of jobs are made, with their names. */
const jobImages: Readonly<Record<string, string>> = { "model/image": "model" };
const patterns = ["services/*/Dockerfile", ...Object.keys(jobImages).map((folder) => `${folder}/Dockerfile`)];

/** All services, or those that are named. Throws where one does not exist. */
export async function findServices(root: string, names: readonly string[]): Promise<Service[]> {
  const files = await Array.fromAsync(glob(patterns, { cwd: root }));
  const folders = new Map(
    files
      .map((file) => path.dirname(file).split(path.sep).join("/"))
      .map((folder): [string, string] => [jobImages[folder] ?? path.posix.basename(folder), folder]),
  );
  const all = [...folders.keys()].sort();
  const unknown = names.find((name) => !folders.has(name));
  if (unknown !== undefined)
    throw new SlipwayError(ExitCode.usage, `There is no service "${unknown}".`, {
      where: "services/",
      next: `Use one of: ${all.join(", ")}.`,
    });
  const wanted = all.filter((name) => names.length === 0 || names.includes(name));
  return Promise.all(wanted.map((name) => read(root, name, folders.get(name) ?? "")));
}

async function read(root: string, name: string, folder: string): Promise<Service> {
  if (folder in jobImages) return { name, folder };
  const dockerfile = await readFile(path.join(root, folder, "Dockerfile"), "utf8");
  const port = Number(/^EXPOSE\s+(\d+)/imu.exec(dockerfile)?.[1] ?? 0);
  if (port === 0)
    throw new SlipwayError(ExitCode.usage, "The Dockerfile exposes no port.", {
      where: `${folder}/Dockerfile`,
      next: "add an EXPOSE line with the port that the service listens on",
    });
  return { name, folder, port };
}

/** The commit that last changed a service: where the same files come from, the same image comes out. */
export interface Revision {
  commit: string;
  /** Seconds since 1970. */
  time: number;
}

/** Throws where the folder has changes that no commit holds: an image of them could not be made again. */
export async function revisionOf(root: string, { folder }: Service): Promise<Revision> {
  const changes = await tryGit(root, ["status", "--porcelain", "--", folder]);
  if (changes.exitCode !== 0 || changes.stdout.length > 0)
    throw new SlipwayError(ExitCode.usage, "There are changes that no commit holds.", {
      where: folder,
      next: "commit or undo them (`git status` shows them), then build again",
    });
  const log = await tryGit(root, ["log", "-1", "--format=%H %ct", "--", folder]);
  const [commit = "", time = ""] = log.stdout.toString("utf8").trim().split(" ");
  if (log.exitCode !== 0 || !/^\d+$/u.test(time))
    throw new SlipwayError(ExitCode.usage, "No commit holds this folder.", { where: folder, next: "commit it first" });
  return { commit, time: Number(time) };
}

const builtSchema = z.object({
  service: z.string(),
  /** What to run and scan: the id of the image in the local engine. */
  image: z.string().min(1),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/u),
  commit: z.string(),
});

/** An image that was built, as it is kept for `smoke` and `scan`. */
export type BuiltImage = z.infer<typeof builtSchema>;

const recordOf = (root: string, name: string) => path.join(root, ".slipway", "images", `${name}.json`);

/** Keeps what was built. */
export async function keepBuilt(root: string, built: BuiltImage): Promise<void> {
  const file = recordOf(root, built.service);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(built, undefined, 2)}\n`);
}

/** What was built last. Throws where that was nothing. */
export async function lastBuilt(root: string, { name }: Service): Promise<BuiltImage> {
  const file = recordOf(root, name);
  const parsed = existsSync(file) ? builtSchema.safeParse(JSON.parse(await readFile(file, "utf8"))) : undefined;
  if (parsed?.success) return parsed.data;
  throw new SlipwayError(ExitCode.notFound, `No image of ${name} was built here.`, {
    where: path.relative(root, file),
    next: `./slipway images build ${name}`,
  });
}
