import type { Consent } from "../files/documents.ts";
import type { Processor, StreamProject } from "../files/project.ts";
import { member } from "../lint/subject.ts";
import { pipelineDigest, sourceConnection } from "./digest.ts";
import { type StageChange, stageChanges } from "./stages.ts";
import { type Reason, type UpgradeClass, isLossy, upgradeReasons, worst } from "./upgrade.ts";

/** What became of one processor between two versions of a folder. */
export interface ProcessorDiff {
  processor: string;
  status: "added" | "removed" | "renamed" | "changed" | "unchanged";
  /** The name that it had before, where that was another. */
  was?: string;
  /** Digests of its pipeline. */
  from: string | undefined;
  to: string | undefined;
  class: UpgradeClass;
  reasons: Reason[];
  stages: StageChange[];
}

/** Whether somebody agreed to lose state by a change: nobody has to, somebody did, nobody did, or to another change. */
export type ConsentState = "not-needed" | "given" | "missing" | "for-another-change";

/** Compares two versions of one processor. */
export function diffProcessor(before: Processor, after: Processor): ProcessorDiff {
  const [from, to] = [pipelineDigest(before.pipelineText), pipelineDigest(after.pipelineText)];
  const reasons = upgradeReasons(versionOf(before), versionOf(after));
  const status = reasons.length === 0 ? "unchanged" : "changed";
  const stages = from === to ? [] : stageChanges(before, after);
  return { processor: after.name, status, from, to, class: worst(reasons), reasons, stages };
}

const versionOf = ({ pipeline, document, dlq }: Processor) => ({
  pipeline,
  texts: pipeline.map((_, index) => document.source(["pipeline", index])),
  dlq: dlq === undefined ? "" : JSON.stringify(dlq),
});

/**
 * A source reads something else, too, where its connection leads elsewhere. The digests then stand for the connection as well: a consent to
 * one such change is none to the next.
 */
function diffWithConnections(before: Version, after: Version): ProcessorDiff {
  const diff = diffProcessor(before.processor, after.processor);
  const [old, now] = [before, after].map(({ project, processor }) => sourceConnection(project, processor));
  const named = (processor: Processor) => member(processor.pipeline[0], "$source", "connectionName");
  const same = named(before.processor) === named(after.processor);
  if (!same || old === undefined || now === undefined || old === now) return diff;
  const message = "the connection of $source leads elsewhere. A checkpoint of the old one says nothing about it";
  const reasons: Reason[] = [{ class: "new-version", message }, ...diff.reasons];
  const [from, to] = [before.processor.pipelineText + old, after.processor.pipelineText + now].map(pipelineDigest);
  return { ...diff, status: "changed", from, to, class: worst(reasons), reasons };
}

interface Version {
  project: Folder;
  processor: Processor;
}

/** What is compared of a folder. */
type Folder = Pick<StreamProject, "processors" | "connections">;

/** Compares all processors of two versions of a folder, by name. A file that only moved is found by its pipeline. */
export function diffProjects(before: Folder, after: Folder): ProcessorDiff[] {
  const [old, now] = [byName(before), byName(after)];
  const gone = [...old.values()].filter(({ name }) => !now.has(name));
  const diffs: ProcessorDiff[] = [];
  for (const processor of now.values()) {
    const same = old.get(processor.name);
    if (same !== undefined)
      diffs.push(diffWithConnections({ project: before, processor: same }, { project: after, processor }));
    else {
      const index = gone.findIndex(({ pipelineText }) => pipelineText === processor.pipelineText);
      const [moved] = index < 0 ? [] : gone.splice(index, 1);
      diffs.push(moved === undefined ? alone(processor, "added") : renamed(moved, processor));
    }
  }
  diffs.push(...gone.map((processor) => alone(processor, "removed")));
  return diffs.sort((a, b) => (a.processor < b.processor ? -1 : 1));
}

const byName = ({ processors }: Pick<StreamProject, "processors">) =>
  new Map(processors.map((processor) => [processor.name, processor]));

function alone(processor: Processor, status: "added" | "removed"): ProcessorDiff {
  const digest = pipelineDigest(processor.pipelineText);
  const added = status === "added";
  const reasons: Reason[] = added
    ? []
    : [{ class: "none", message: "its checkpoint and its state are destroyed with it" }];
  return {
    ...{ processor: processor.name, status, class: "none", reasons, stages: [] },
    ...(added ? { from: undefined, to: digest } : { from: digest, to: undefined }),
  };
}

/** Atlas knows no renaming: the old one is dropped with its checkpoint, and a new one begins. */
function renamed(before: Processor, after: Processor): ProcessorDiff {
  const digest = pipelineDigest(after.pipelineText);
  const message = `${before.name} becomes ${after.name}: a processor of another name begins without the checkpoint of the old one`;
  return {
    ...{ processor: after.name, status: "renamed", was: before.name, from: digest, to: digest, class: "new-version" },
    ...{ reasons: [{ class: "new-version", message }], stages: [] },
  };
}

/** A consent counts for exactly the change whose digests and class it names. */
export function consentState(diff: ProcessorDiff, consent: Consent | undefined): ConsentState {
  if (!isLossy(diff.class)) return "not-needed";
  if (consent === undefined) return "missing";
  const { processor, from, to, class: agreed } = consent;
  const same = processor === diff.processor && from === diff.from && to === diff.to && agreed === diff.class;
  return same ? "given" : "for-another-change";
}
