import { join } from "node:path";
import { readStreamFolder } from "../../../automation/streams/project.ts";
import type { DeadLetterQueue } from "../../../streams/engine/files/documents.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "streams");

/** Files of this repository's own connections, by path. */
export async function connectionFiles(): Promise<Record<string, string>> {
  const { files } = await readStreamFolder(folder);
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith("connections/")));
}

/** Pipelines of this repository's own processors as they are written. */
export async function processorTexts(): Promise<{ name: string; text: string; dlq: DeadLetterQueue | undefined }[]> {
  const { project } = await readStreamFolder(folder);
  return project.processors.map(({ name, pipelineText, dlq }) => ({ name, text: pipelineText, dlq }));
}
