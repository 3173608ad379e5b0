import type { Stage } from "../files/project.ts";
import { stages } from "../catalogue/stages.ts";
import { isDocument, member } from "../lint/subject.ts";

/**
 * How a change can take over from what runs, the safest first: nothing to do; from its checkpoint; only by leaving the checkpoint behind;
 * only as another processor beside it.
 */
export const upgradeClasses = ["none", "in-place", "resume-false", "new-version"] as const;
export type UpgradeClass = (typeof upgradeClasses)[number];

/** Why a change is of a class. */
export interface Reason {
  class: UpgradeClass;
  message: string;
}

/** Whether state of a running processor is lost by it. */
export const isLossy = (upgrade: UpgradeClass) =>
  upgradeClasses.indexOf(upgrade) >= upgradeClasses.indexOf("resume-false");

/** The least safe of some; nothing at all is the safest. */
export const worst = (reasons: readonly Reason[]): UpgradeClass =>
  upgradeClasses.findLast((one) => reasons.some((reason) => reason.class === one)) ?? "none";

interface Version {
  pipeline: readonly Stage[];
  /** Each stage as compact JSON in its own order. */
  texts: readonly (string | undefined)[];
  dlq: string;
}

/**
 * What Atlas does with a change of a processor that runs. Each reason stands alone and the worst of them decides, so that one more change
 * never makes a whole safer.
 */
export function upgradeReasons(before: Version, after: Version): Reason[] {
  return [...sourceReasons(before, after), ...windowReasons(before, after), ...restReasons(before, after)];
}

const find = ({ pipeline }: Version, holds: (name: string) => boolean) =>
  pipeline.findIndex((stage) => Object.keys(stage).some(holds));
const operandAt = ({ pipeline }: Version, index: number): unknown => Object.values(pipeline[index] ?? {})[0];

/** Fields of a source that say which data it reads. */
const identity = ["connectionName", "topic", "db", "coll", "stream", "documents"];

function sourceReasons(before: Version, after: Version): Reason[] {
  const [old, now] = [before, after].map((version) => find(version, (name) => name === "$source")) as [number, number];
  const [was, is] = [operandAt(before, old), operandAt(after, now)];
  const changed = changedKeys(was, is);
  const other = changed.filter((key) => identity.includes(key));
  const rest = changed.filter((key) => !identity.includes(key));
  return [
    ...other.map((key) =>
      reason("new-version", `$source reads something else: ${key}. A checkpoint of the old one says nothing about it`),
    ),
    ...rest.map((key) => reason("resume-false", `$source.${key} changes, which Atlas refuses from a checkpoint`)),
    ...(changed.length === 0 && before.texts[old] !== after.texts[now]
      ? [
          reason(
            "resume-false",
            "$source is written in another order, and Atlas refuses any change of it from a checkpoint",
          ),
        ]
      : []),
  ];
}

const isWindow = (name: string) => Object.hasOwn(stages, name) && stages[name]?.role === "window";

/** What a window's state is made of. */
const frame = ["interval", "hopSize", "gap", "offset", "boundary", "partitionBy"];

function windowReasons(before: Version, after: Version): Reason[] {
  const [old, now] = [find(before, isWindow), find(after, isWindow)];
  if (old < 0) return now < 0 ? [] : [reason("in-place", "a window is new: it begins empty")];
  const type = Object.keys(before.pipeline[old] ?? {})[0] ?? "";
  if (now < 0)
    return [
      reason("new-version", `${type} is gone: what is in its open windows would be lost, and results are others`),
    ];
  const other = Object.keys(after.pipeline[now] ?? {})[0] ?? "";
  if (other !== type) return [reason("new-version", `${type} becomes ${other}: state of the one is none of the other`)];
  const [was, is] = [operandAt(before, old), operandAt(after, now)];
  const framed = changedKeys(was, is)
    .filter((key) => frame.includes(key))
    .map((key) => reason("resume-false", `${type}.${key} changes: open windows would be lost`));
  const keeps = recomputes(was) && recomputes(is);
  if (before.texts.join() === after.texts.join() || keeps) return framed;
  return [
    ...framed,
    reason(
      "resume-false",
      "the window has neither $group nor $sort: Atlas refuses any change of such a pipeline from a checkpoint",
    ),
  ];
}

/** Windows that Atlas can fill again after a change. */
function recomputes(window: unknown): boolean {
  const pipeline = member(window, "pipeline");
  return (
    Array.isArray(pipeline) && pipeline.some((stage) => isDocument(stage) && ("$group" in stage || "$sort" in stage))
  );
}

function restReasons(before: Version, after: Version): Reason[] {
  const windowed = find(after, isWindow) >= 0 && find(before, isWindow) >= 0;
  const stagesChange = before.texts.join() !== after.texts.join();
  const message = windowed
    ? "from its checkpoint; open windows are computed again, and may read documents again"
    : "from its checkpoint";
  return [
    ...(stagesChange ? [reason("in-place", message)] : []),
    ...(before.dlq !== after.dlq
      ? [
          reason(
            "in-place",
            after.dlq === ""
              ? "the dead letter queue is gone: documents are dropped from now on"
              : "another dead letter queue",
          ),
        ]
      : []),
  ];
}

const reason = (upgrade: UpgradeClass, message: string): Reason => ({ class: upgrade, message });

function changedKeys(before: unknown, after: unknown): string[] {
  const [old, now] = [isDocument(before) ? before : {}, isDocument(after) ? after : {}];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return keys.filter((key) => JSON.stringify(member(old, key)) !== JSON.stringify(member(now, key)));
}
