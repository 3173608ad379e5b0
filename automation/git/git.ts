import { execFile } from "node:child_process";
import type { ExecFileException } from "node:child_process";
import { ExitCode, SlipwayError } from "../errors.ts";

export interface GitResult {
  exitCode: number;
  stdout: Buffer;
  stderr: string;
}

export interface GitOptions {
  /** Bytes for the standard input of git. */
  input?: string | Uint8Array;
  environment?: Record<string, string>;
}

/** Variables by which a caller (a git hook, say) would silently point git at another repository or index. */
const LOCATION_VARIABLES = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
  "GIT_CONFIG",
  "GIT_CONFIG_PARAMETERS",
  "GIT_CONFIG_COUNT",
];

function gitEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const name of LOCATION_VARIABLES) delete environment[name];
  return { ...environment, LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", ...extra };
}

/**
 * Runs git with an argument array, never through a shell, and answers with its exit code; only a git that cannot be
 * started is an error. The program itself packs workloads through this on every `pulumi up`, hence the plain
 * `child_process`: a process library would cost more to load than all the git calls together.
 */
export function tryGit(root: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const settings = {
      cwd: root,
      env: gitEnvironment(options.environment),
      encoding: "buffer" as const,
      maxBuffer: 2 ** 31,
    };
    const child = execFile("git", args, settings, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") {
        reject(cannotRun(root, error));
        return;
      }
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr: stderr.toString("utf8") });
    });
    // Git may end without reading all of its input; its exit code then tells why.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}

/** Runs git and returns its output without the last line break; a refusal of git is a `SlipwayError`. */
export async function git(root: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await gitBytes(root, args, options)).toString("utf8").replace(/\n$/u, "");
}

/** As `git`, for output that is not text. */
export async function gitBytes(root: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const result = await tryGit(root, args, options);
  if (result.exitCode !== 0) throw gitFailure(root, args, result);
  return result.stdout;
}

/** The `SlipwayError` for a refusal of git: credentials, not a repository, or git's own words. */
export function gitFailure(root: string, args: readonly string[], result: GitResult): SlipwayError {
  const verb = args.find((argument, at) => !argument.startsWith("-") && args[at - 1] !== "-c") ?? "git";
  const said = withoutUserInfo(firstLines(result.stderr));
  if (/not a git repository/iu.test(said)) {
    return new SlipwayError(ExitCode.usage, "This directory is not a git checkout.", {
      where: root,
      next: "run the command inside a clone of the repository",
    });
  }
  if (/authentication failed|could not read (username|password)|permission denied|access rights/iu.test(said)) {
    return new SlipwayError(ExitCode.credentials, `The git remote refused the credentials: ${said}`, {
      where: root,
      next: "check with `git ls-remote` that this machine may reach the remote",
    });
  }
  return new SlipwayError(ExitCode.unexpected, `git ${verb} failed: ${said || `exit code ${result.exitCode}`}`, {
    where: root,
    next: `run \`git ${verb}\` in that directory by hand to see more`,
  });
}

function firstLines(text: string): string {
  return text.trim().split("\n").slice(0, 4).join(" ");
}

/** Remote addresses may carry a token; no message repeats it. */
function withoutUserInfo(text: string): string {
  return text.replace(/(\w+:\/\/)[^/\s@]+@/gu, "$1");
}

function cannotRun(root: string, error: ExecFileException): SlipwayError {
  const missing = error.code === "ENOENT";
  return new SlipwayError(ExitCode.usage, missing ? "git could not be started." : `git was stopped: ${error.message}`, {
    where: root,
    next: missing ? "install git, and check that the directory exists" : "run the command again",
    cause: error,
  });
}
