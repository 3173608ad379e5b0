import type { StreamProject } from "../../../streams/engine/files/project.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { readStreamFolder } from "../project.ts";

/**
 * The files of a folder, for limits of an environment. A threshold that cannot be read would be a limit that nobody keeps.
 * @throws SlipwayError (policy, not found)
 */
export async function limitsProject(folder: string, environment: string): Promise<StreamProject> {
  const { project } = await readStreamFolder(folder);
  const [broken] = project.findings.filter(
    ({ severity, file }) => severity === "error" && /^(?:environments|policies)\//.test(file),
  );
  if (broken !== undefined)
    throw new SlipwayError(ExitCode.policy, `A limit cannot be read: ${broken.message}.`, {
      where: `${broken.file}:${broken.line}:${broken.column}`,
      next: "./slipway streams lint",
    });
  if (project.environments.has(environment)) return project;
  const known = [...project.environments.keys()].sort().join(", ");
  throw new SlipwayError(ExitCode.notFound, `There is no environment "${environment}" of stream processors.`, {
    where: `${folder}/environments`,
    next: known === "" ? "Make one: environments/<name>/thresholds.json." : `Use one of: ${known}.`,
  });
}
