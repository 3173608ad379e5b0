import { nameOfUrn } from "../../engine/urn.ts";
import { visible } from "./escape.ts";
import { headline, plainly } from "./headline.ts";
import type { PreviewModel, StackPreview, Verdict } from "./model.ts";
import { checkSize, render } from "./render.ts";
import { isDestructive, verdictOfStack } from "./verdict.ts";
import { cut } from "./values.ts";

/** A remark beside a line of a changed file. */
export interface Annotation {
  path: string;
  start_line: number;
  end_line: number;
  annotation_level: "notice" | "warning" | "failure";
  title: string;
  message: string;
}

/** What a check run shows. */
export interface CheckOutput {
  conclusion: "success" | "failure";
  title: string;
  summary: string;
  annotations: Annotation[];
}

/** A destructive change is for people to judge: only what failed or was refused stands in the way of a merge. */
const conclusions: Readonly<Record<Verdict, CheckOutput["conclusion"]>> = {
  ...{ failed: "failure", blocked: "failure" },
  ...{ destructive: "success", changes: "success", none: "success" },
};

/** More than anybody reads; GitHub takes fifty at a time. */
const MOST_ANNOTATIONS = 200;

/** The same verdict as the comment's, for branch protection, with remarks on the files that are the cause. */
export function checkOutput(model: PreviewModel, elsewhere: string): CheckOutput {
  return {
    conclusion: conclusions[model.verdict],
    title: cut(visible(headline(model, plainly).replaceAll("`", "")), 250),
    summary: render(model, { size: checkSize, elsewhere }).text,
    annotations: annotationsOf(model).slice(0, MOST_ANNOTATIONS),
  };
}

/** Failures at their line, findings at the stack's file, and what each changed file leads to. */
export function annotationsOf(model: PreviewModel): Annotation[] {
  const bySource = model.stacks.flatMap(failureAnnotation);
  const findings = model.stacks.flatMap(findingAnnotations);
  const files = (model.ground.affected?.files ?? []).flatMap(({ path, stacks }) => {
    const reached = model.stacks.filter(({ stack }) => stacks.includes(stack));
    return fileAnnotation(path, reached);
  });
  return [...bySource, ...findings, ...files];
}

const at = (path: string, line: number) => ({ path, start_line: line, end_line: line });

function failureAnnotation({ stack, failure }: StackPreview): Annotation[] {
  if (failure === undefined) return [];
  const [, path = `Pulumi.${stack}.yaml`, line = "1"] = /^(.+):(\d{1,7})$/.exec(failure.source ?? "") ?? [];
  const message = cut(visible(failure.message), 2000);
  return [{ ...at(path, Number(line)), annotation_level: "failure", title: `${stack}: the preview failed`, message }];
}

function findingAnnotations({ stack, findings }: StackPreview): Annotation[] {
  return findings.map(({ policy, level, resource, message }) => ({
    ...at(`Pulumi.${stack}.yaml`, 1),
    annotation_level: level === "mandatory" ? "failure" : "warning",
    title: cut(`${stack}: ${visible(policy)}`, 200),
    message: cut(visible(`${resource === undefined ? "" : `${nameOfUrn(resource)}: `}${message}`), 2000),
  }));
}

function fileAnnotation(path: string, reached: readonly StackPreview[]): Annotation[] {
  const loud = reached.filter((stack) => verdictOfStack(stack) !== "none");
  if (loud.length === 0) return [];
  const destroyed = loud.some(({ changes }) => changes.some(isDestructive));
  const message = headline({ stacks: loud }, plainly).replaceAll("`", "");
  return [
    {
      ...at(path, 1),
      annotation_level: destroyed ? "warning" : "notice",
      title: cut(`reaches ${loud.map(({ stack }) => stack).join(", ")}`, 200),
      message: cut(visible(message), 2000),
    },
  ];
}
