import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { lookerOf, type Looker } from "../board/look.ts";
import { boardPage } from "../board/page.ts";
import { serveBoard } from "../board/server.ts";
import { watchBoard } from "../board/watch.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { describeError } from "../report/errors.ts";
import { DirectoryStore } from "../store/directory.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { projectName } from "./project.ts";
import { done, text, type CommandResult } from "./result.ts";
import { writeWhole } from "./whole-file.ts";

const days = 90;
const defaultPort = 7878;

/** Milliseconds between two looks: a folder is asked often, a bucket costs something each time. */
const everyMs = { folder: 500, bucket: 5000 };

export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const out = text(options, "out");
  const port = portOf(text(options, "port"));
  if (out !== undefined && port !== undefined)
    throw new SlipwayError(ExitCode.usage, "--out writes a file and --port serves a page.", {
      next: "Give one of them.",
    });
  const workspace = await openWorkspace(context);
  const project = await projectName(workspace.root);
  const looker = lookerOf(context, workspace, { project, days, once: out !== undefined });
  try {
    return out === undefined ? await serve(context, workspace, looker, port ?? defaultPort) : await write(looker, out);
  } finally {
    await looker.close();
  }
}

function portOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (/^\d{1,5}$/.test(given) && Number(given) < 65_536) return Number(given);
  throw new SlipwayError(ExitCode.usage, `--port: got "${given}", expected 0 (any free one) to 65535.`);
}

async function write(looker: Looker, folder: string): Promise<CommandResult> {
  const page = boardPage(await looker.look());
  const file = await writeWhole(
    join(folder, "index.html"),
    page,
    "Name a folder that this user may write, e.g. --out board.",
  );
  return done({ html: file }, `board written to ${file}`);
}

/** Serves until Ctrl-C. */
async function serve(
  { console, signal }: Context,
  { store }: Workspace,
  looker: Looker,
  port: number,
): Promise<CommandResult> {
  const script = await readFile(join(import.meta.dirname, "..", "board", "client.js"), "utf8");
  const watch = watchBoard(() => looker.look(), {
    everyMs: store instanceof DirectoryStore ? everyMs.folder : everyMs.bucket,
    onFailure: (error) => console.warn(`the board could not look: ${describeError(error, { color: false }).text}`),
  });
  const server = await serveBoard(watch, script, port);
  console.info(`the board is at ${server.address} until Ctrl-C`);
  try {
    await aborted(signal);
  } finally {
    watch.close();
    await server.close();
  }
  return done({ address: server.address }, "the board is down");
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
