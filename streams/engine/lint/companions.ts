import { pipelineDigest, sourceConnection } from "../diff/digest.ts";
import type { JsonFile, Processor, StreamProject } from "../files/project.ts";
import { type Finding, findingAt } from "../finding.ts";
import type { ProjectRule } from "./subject.ts";
import { didYouMean } from "./suggest.ts";

/** Policies, consents and tests that no processor has. */
const orphans: ProjectRule = function* ({ processors, policies, consents, tests, findings }) {
  const names = new Set(processors.map(({ name }) => name));
  // A processor that cannot be read is still one.
  for (const { file } of findings) names.add(/^processors\/(.+)\.json$/.exec(file)?.[1] ?? "");
  for (const [name, file] of [...policies, ...consents])
    if (!names.has(name)) yield findingAt(file, [], orphan(name, names));
  for (const [name, { path }] of tests)
    if (!names.has(name)) yield { ...orphan(name, names), severity: "error", file: path, line: 1, column: 1, path: "" };
};

function orphan(name: string, names: ReadonlySet<string>): Pick<Finding, "rule" | "message" | "why" | "fix"> {
  const like = didYouMean(name, names);
  return {
    rule: "files/orphan",
    message: `there is no processor ${JSON.stringify(name)}`,
    why: "the file says something about a processor that is not there",
    fix: like === undefined ? "remove it, or name it as the processor's file" : `did you mean ${like}?`,
  };
}

/** Consents hold for exactly one change of exactly one processor. */
const consents: ProjectRule = function* (project) {
  for (const processor of project.processors) {
    const consent = project.consents.get(processor.name);
    if (consent === undefined) continue;
    if (consent.value.processor !== processor.name)
      yield badConsent(consent, "processor", "error", "it names another processor than its file");
    else if (!targets(project, processor).includes(consent.value.to))
      yield badConsent(consent, "to", "warning", "it is about another version of the pipeline");
  }
};

/** Digests that a consent to the present version names: of the pipeline, or of it and of where its source leads to. */
const targets = (project: StreamProject, processor: Processor) =>
  ["", sourceConnection(project, processor) ?? ""].map((more) => pipelineDigest(processor.pipelineText + more));

function badConsent(file: JsonFile, key: string, severity: Finding["severity"], message: string): Finding {
  return findingAt(file, [key], {
    ...{ rule: "files/consent", severity, message },
    why: "a consent holds for one change alone, and this one will not be accepted",
    fix: "remove it, or write one for the change at hand: slipway streams diff shows the digests",
  });
}

export const companions: readonly ProjectRule[] = [orphans, consents];
