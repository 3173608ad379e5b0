import { applyEdits, format } from "jsonc-parser";
import { type Backup, type BackedUpProcessor, backupText } from "./backup-document.ts";

/** The file that `restore` reads; everything beside it is for people, `lint` and `diff`. */
export const backupFile = "backup.json";

/** A backup as a folder of streams, by path below it. */
export function backupFiles(backup: Backup): Record<string, string> {
  const files: Record<string, string> = {
    [backupFile]: backupText(backup),
    "connections/connections.json": json({ connections: backup.connections }),
    [`environments/${backup.environment}/config.env`]: configOf(backup),
  };
  for (const processor of backup.processors) {
    files[`processors/${processor.name}.json`] = definitionOf(processor);
    files[`policies/${processor.name}.json`] = policyOf(processor);
  }
  return files;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Laid out as text: values of JavaScript would put keys that are numbers first. */
export function definitionOf({ name, pipeline, dlq }: Pick<BackedUpProcessor, "name" | "pipeline" | "dlq">): string {
  const options = dlq === undefined ? "" : `,"options":${JSON.stringify({ dlq })}`;
  const text = `{"name":${JSON.stringify(name)},"pipeline":${pipeline}${options}}`;
  return `${applyEdits(text, format(text, undefined, { insertSpaces: true, tabSize: 2, eol: "\n" }))}\n`;
}

function policyOf({ tier, autoscaling, state, failover }: BackedUpProcessor): string {
  const wanted = state === "CREATED" || state === "STOPPED" ? state : "STARTED";
  return json({ ...(autoscaling ? { autoscaling } : tier && { tier }), state: wanted, ...(failover && { failover }) });
}

function configOf({ environment, takenAt, place, workspace }: Backup): string {
  const suffix = environment.toUpperCase().replaceAll(/\W/g, "_");
  return [
    `# As it was at ${takenAt}. Keys come from the environment; nothing here is secret, and nothing is executed.`,
    ...[`ATLAS_PUBLIC_KEY=$ATLAS_PUBLIC_KEY_${suffix}`, `ATLAS_PRIVATE_KEY=$ATLAS_PRIVATE_KEY_${suffix}`],
    ...[`PROJECT_ID=${place.projectId}`, `WORKSPACE_NAME=${place.workspace}`],
    ...(workspace.tier === undefined ? [] : [`DEFAULT_TIER=${workspace.tier}`]),
    ...(workspace.maxTier === undefined ? [] : [`MAX_TIER=${workspace.maxTier}`]),
    "",
  ].join("\n");
}
