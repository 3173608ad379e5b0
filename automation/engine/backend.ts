import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "./environment.ts";

/** Reads the `name` of a Pulumi.yaml without a YAML parser: it is a plain scalar at the start of a line. */
export function projectName(projectFile: string): string | undefined {
  return /^name:[ \t]*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s#"']+))/m
    .exec(projectFile)
    ?.slice(1)
    .find((name) => name !== undefined);
}

/**
 * The folder of a `file://` backend (`file:///a/b`, `file://~/a`, `file://./a`, each also with options such as
 * `?no_tmp_dir=true`); undefined for any other backend.
 */
export function fileBackendDirectory(environment: Environment, workDir: string): string | undefined {
  const url = environment["PULUMI_BACKEND_URL"];
  if (url?.startsWith("file://") !== true) return undefined;
  const path = url.slice("file://".length).replace(/\?.*$/, "");
  if (path.startsWith("/")) return fileURLToPath(`file://${path}`);
  if (path === "~" || path.startsWith("~/")) return join(environment["HOME"] ?? homedir(), path.slice(1));
  return resolve(workDir, path);
}

/** Where a stack is in its backend. */
export interface StackLocation {
  organization: string;
  project: string;
  stack: string;
}

/** Takes `dev`, `project/dev` or `organization/project/dev` apart, filling the project in from the working directory. */
export function locateStack(reference: string, workDir: string): StackLocation | undefined {
  const parts = reference.split("/");
  const stack = parts.at(-1);
  if (stack === undefined || stack === "") return undefined;
  const project = parts.at(-2) ?? readProjectName(workDir);
  return project === undefined ? undefined : { organization: parts.at(-3) ?? "organization", project, stack };
}

function readProjectName(workDir: string): string | undefined {
  try {
    return projectName(readFileSync(join(workDir, "Pulumi.yaml"), "utf8"));
  } catch {
    return undefined;
  }
}

export const lockDirectory = (backend: string, { organization, project, stack }: StackLocation): string =>
  join(backend, ".pulumi", "locks", organization, project, stack);

export const checkpointFile = (backend: string, { project, stack }: StackLocation): string =>
  join(backend, ".pulumi", "stacks", project, `${stack}.json`);
