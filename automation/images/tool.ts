import { execFile } from "node:child_process";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";

/** What a program reads from its standard input: the place for what must not be seen among its arguments. */
export interface ToolInput {
  input?: string;
}

export interface ToolResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Programs that images are made and looked at with, and where they come from. */
const INSTALL = {
  docker: "install Docker Engine with its buildx plugin: https://docs.docker.com/engine/install",
  trivy: "install Trivy: https://trivy.dev/docs/latest/getting-started/installation",
} as const;

export type Tool = keyof typeof INSTALL;
/** What it takes to run a program. */
export type ToolContext = Pick<Context, "root" | "environment" | "signal">;

/**
 * Runs a program with an argument array, never through a shell, and answers with its exit code whatever it is. Throws a
 * SlipwayError with `usage` where the program is not installed, with `cancelled` after Ctrl-C.
 */
export function tryTool(
  { root, environment, signal }: ToolContext,
  tool: Tool,
  args: readonly string[],
  { input }: ToolInput = {},
) {
  return new Promise<ToolResult>((resolve, reject) => {
    const options = { cwd: root, env: { ...environment }, encoding: "utf8", maxBuffer: 2 ** 28, signal } as const;
    const child = execFile(tool, args, options, (error, stdout, stderr) => {
      if (!error) resolve({ exitCode: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ exitCode: error.code, stdout, stderr });
      else if (error.code === "ENOENT")
        reject(new SlipwayError(ExitCode.usage, `${tool} is not installed.`, { where: "PATH", next: INSTALL[tool] }));
      else if (signal.aborted) reject(new SlipwayError(ExitCode.cancelled, `${tool} was stopped.`, { cause: error }));
      else reject(new Error(`${tool} could not be run: ${error.message}`, { cause: error }));
    });
    // A program that does not start, or ends without reading, closes the pipe: its exit code says so.
    child.stdin?.on("error", () => undefined).end(input);
  });
}

/** As `tryTool`, with an exit code other than 0 explained in an error. Answers with what was written to stdout. */
export async function tool(
  context: ToolContext,
  name: Tool,
  args: readonly string[],
  input: ToolInput = {},
): Promise<string> {
  const result = await tryTool(context, name, args, input);
  if (result.exitCode !== 0) throw toolError(name, args, result);
  return result.stdout;
}

const KNOWN: readonly { says: RegExp; code: ExitCode; message: string; next: string }[] = [
  {
    says: /cannot connect to the docker daemon|error during connect|docker\.sock.*permission denied/iu,
    code: ExitCode.credentials,
    message: "No container engine answers.",
    next: "start it (`sudo systemctl start docker`, or Docker Desktop) and see that `docker version` shows a server",
  },
  {
    says: /unknown command: docker buildx|unknown flag: --platform|'buildx' is not a docker command/iu,
    code: ExitCode.usage,
    message: "Docker has no buildx.",
    next: "install its plugin, e.g. `apt-get install docker-buildx-plugin`: https://github.com/docker/buildx#installing",
  },
  {
    says: /name unknown|repository with name .* does not exist/iu,
    code: ExitCode.notFound,
    message: "The registry has no such repository.",
    next: "name the service in slipway:repositories of Pulumi.operations.yaml, then ./slipway up operations",
  },
  {
    says: /denied|unauthorized|authentication required|no basic auth credentials/iu,
    code: ExitCode.credentials,
    message: "The registry refuses.",
    next: "sign in with `docker login` as somebody who may push there",
  },
];

/** What a person is told when a program failed: a known cause with its way on, or the last line that the program wrote. */
export function toolError(name: Tool, args: readonly string[], { exitCode, stdout, stderr }: ToolResult): SlipwayError {
  const where = `${name} ${args.slice(0, 2).join(" ")}`;
  const said = `${stderr}\n${stdout}`;
  const known = KNOWN.find(({ says }) => says.test(said));
  if (known) return new SlipwayError(known.code, known.message, { where, next: known.next });
  const last = said.trim().split("\n").at(-1) ?? "";
  return new SlipwayError(ExitCode.resourceFailed, `${where} ended with ${exitCode}: ${last}`, {
    where,
    next: `run it by hand for all that it says: ${name} ${args.join(" ")}`,
  });
}
