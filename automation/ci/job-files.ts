import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { git } from "../git/git.ts";
import type { RoleRequest } from "./assume-role.ts";
import type { Outputs } from "./outputs.ts";

const profile = "slipway";

/** Where a job keeps what its later steps find by their environment. */
export interface JobPlace {
  /** The checkout. */
  root: string;
  /** Folder of the runner that is emptied after the job. */
  folder: string;
  /** Address that git reaches with the token of a step. */
  server: string;
}

/** A word of a shell, whatever it holds. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Settings of the SDKs: each asks for credentials itself, and again before an hour is over, so that a long deployment outlives a session. */
export function awsConfig(root: string, { role, region }: RoleRequest): string {
  const command = `cd ${quoted(root)} && exec ./slipway ci token --role ${quoted(role)} --region ${quoted(region)}`;
  const lines = [`[profile ${profile}]`, `region = ${region}`, `credential_process = sh -c ${quoted(command)}`];
  return `${lines.join("\n")}\n`;
}

/** Answers git with the token of the step that runs, and only where there is one: nothing is kept in a file. */
export const gitHelper =
  '!f() { test "$1" = get && test -n "$SLIPWAY_GIT_TOKEN" && ' +
  'echo username=x-access-token && echo "password=$SLIPWAY_GIT_TOKEN"; }; f';

/** Writes both, and answers with the variables by which they are found. */
export async function writeJobFiles(place: JobPlace, request: RoleRequest): Promise<Outputs> {
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  const config = join(place.folder, "aws-config");
  const gitConfig = join(place.folder, "gitconfig");
  await writeFile(config, awsConfig(place.root, request), { mode: 0o600 });
  await writeFile(gitConfig, "", { mode: 0o600 });
  await git(place.root, ["config", "--file", gitConfig, `credential.${place.server}.helper`, gitHelper]);
  return {
    ...{ AWS_CONFIG_FILE: config, AWS_PROFILE: profile, AWS_REGION: request.region, AWS_SDK_LOAD_CONFIG: "1" },
    GIT_CONFIG_GLOBAL: gitConfig,
  };
}
