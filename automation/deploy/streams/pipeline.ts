import type { Stage } from "../../../streams/engine/files/project.ts";
import { JsonDocument } from "../../../streams/engine/json/document.ts";

/** One stage of a pipeline with its text: only what is changed is written anew, so that everything else keeps the order of its keys. */
export interface StageText {
  name: string;
  operand: unknown;
  text: string;
}

/** Reads a pipeline from JSON text. */
export function readStages(text: string): StageText[] {
  const document = new JsonDocument(text);
  const stages = (document.value ?? []) as Stage[];
  return stages.map((stage, index) => {
    const [name = "", operand] = Object.entries(stage)[0] ?? [];
    return { name, operand, text: document.source([index]) ?? JSON.stringify(stage) };
  });
}

/** A stage that is written here. */
export const stageOf = (name: string, operand: unknown): StageText => ({
  name,
  operand,
  text: JSON.stringify({ [name]: operand }),
});

export const pipelineText = (stages: readonly StageText[]): string => `[${stages.map(({ text }) => text).join(",")}]`;

/** Stages as values, as the client of Atlas takes them beside the text. */
export const stagesOf = (text: string): Stage[] => JSON.parse(text) as Stage[];
