import { durationOf } from "../catalogue/shapes.ts";
import { type Rule, found, isDocument, member, windowOf } from "./subject.ts";

const gaps: Rule = function* (subject) {
  const window = windowOf(subject);
  if (window?.name !== "$hoppingWindow") return;
  const interval = durationOf(member(window.operand, "interval"));
  const hop = durationOf(member(window.operand, "hopSize"));
  if (interval === undefined || hop === undefined || hop <= interval) return;
  yield found(subject, [...window.path, "hopSize"], {
    ...{ rule: "windows/gaps", severity: "warning", message: "hopSize is longer than interval" },
    why: "documents between two windows are in none, and are not processed",
    fix: "make hopSize at most as long as interval",
  });
};

const processingTime: Rule = function* (subject) {
  const window = windowOf(subject);
  if (window === undefined || member(window.operand, "boundary") !== "processingTime") return;
  for (const name of ["allowedLateness", "idleTimeout"])
    if (member(window.operand, name) !== undefined)
      yield found(subject, [...window.path, name], {
        ...{ rule: "windows/processing-time", message: `${name} of a window by processing time` },
        ...{ why: "nothing is late there, and the clock never idles: Atlas refuses it", fix: `remove ${name}` },
      });
};

/** A window that neither groups nor sorts can never be changed in place. */
const frozen: Rule = function* (subject) {
  const window = windowOf(subject);
  if (window === undefined || !Array.isArray(member(window.operand, "pipeline"))) return;
  if (subject.uses.some(({ within, name }) => within === window && ["$group", "$sort"].includes(name))) return;
  yield found(subject, [...window.path, "pipeline"], {
    ...{ rule: "windows/no-group", severity: "warning", message: "the window has neither $group nor $sort" },
    why: "Atlas refuses to change such a processor from its checkpoint: each change would lose what is in its windows",
    fix: "group or sort in it, or do without a window",
  });
};

const partitions: Rule = function* (subject) {
  const window = windowOf(subject);
  const by = member(window?.operand, "partitionBy");
  if (window?.name !== "$sessionWindow" || !isDocument(by) || Object.keys(by).every((key) => key.startsWith("$")))
    return;
  yield found(subject, [...window.path, "partitionBy"], {
    ...{ rule: "windows/partition-by", message: "partitionBy is a document of several keys" },
    why: "Atlas partitions sessions by one field or one expression",
    fix: 'make one value of them, e.g. {"$concat": ["$a", "|", "$b"]}',
  });
};

export const windows: readonly Rule[] = [gaps, processingTime, frozen, partitions];
