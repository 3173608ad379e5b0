import { userInfo } from "node:os";
import { tryGit } from "./git.ts";

/** Who started the job, by CI system. The actor of a job is not the author of the commit. */
const CI_ACTORS = ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR", "CIRCLE_USERNAME"];

/** Who acts, for the ledger: the CI's actor, else git's user as `Name <email>`, else the login name. */
export async function currentActor(
  root: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const actor = CI_ACTORS.map((name) => environment[name]?.trim()).find((value) => value);
  if (actor) return actor;
  const [name, email] = await Promise.all([configured(root, "user.name"), configured(root, "user.email")]);
  if (name && email) return `${name} <${email}>`;
  return name || email || loginName();
}

async function configured(root: string, key: string): Promise<string> {
  const result = await tryGit(root, ["config", "--get", key]);
  return result.exitCode === 0 ? result.stdout.toString("utf8").trim() : "";
}

function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
