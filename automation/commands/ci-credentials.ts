import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { assumeRole, checkRole, type RoleRequest } from "../ci/assume-role.ts";
import { writeJobFiles } from "../ci/job-files.ts";
import { outputLines } from "../ci/outputs.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { done, text, type CommandResult } from "./result.ts";

type Options = Record<string, unknown>;

const requestOf = (options: Options): RoleRequest =>
  checkRole({ role: text(options, "role") ?? "", region: text(options, "region") ?? "" });

/** `ci credentials`: lets the later steps of a job take on a role, after it has been seen that the role trusts the job. */
export async function credentials(
  context: Context,
  _args: readonly string[],
  options: Options,
): Promise<CommandResult> {
  const { environment, root, signal } = context;
  const request = requestOf(options);
  const { GITHUB_ENV: file, RUNNER_TEMP: temporary, GITHUB_SERVER_URL: server = "https://github.com" } = environment;
  if (!file || !temporary)
    throw new SlipwayError(ExitCode.usage, "This is no job of a workflow, so that no later step would find them.", {
      where: "GITHUB_ENV, RUNNER_TEMP",
      next: "At a terminal, use your own credentials: aws sso login",
    });
  const { Expiration: expires } = await assumeRole(request, environment, signal);
  const variables = await writeJobFiles({ root, folder: join(temporary, "slipway"), server }, request);
  await appendFile(file, outputLines(variables));
  return done({ ...request, expires, variables }, `${request.role} in ${request.region}: this job may take it on`);
}

/** `ci token`: the program that SDKs start for credentials. What it prints is for them alone. */
export async function token(context: Context, _args: readonly string[], options: Options): Promise<CommandResult> {
  const given = await assumeRole(requestOf(options), context.environment, context.signal);
  return done({ ...given }, JSON.stringify(given));
}
