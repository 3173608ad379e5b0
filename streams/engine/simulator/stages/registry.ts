import { externalFunction } from "./external-function.ts";
import { addFields, project, replacing, unset } from "./fields.ts";
import { match, redact, validate } from "./filters.ts";
import { https } from "./https.ts";
import { cachedLookup, lookup } from "./lookup.ts";
import { setStreamMeta } from "./stream-meta.ts";
import { type StageMaker, fieldsOf } from "./stage.ts";
import { throttle } from "./throttle.ts";
import { unwind } from "./unwind.ts";

const replaceRoot: StageMaker = (argument, path, context) => {
  const { newRoot } = fieldsOf("$replaceRoot", argument, path, ["newRoot"]);
  return replacing("$replaceRoot", newRoot, [...path, "newRoot"], context);
};

/** Every stage that takes one document at a time. */
export const stageMakers: Readonly<Record<string, StageMaker>> = {
  $addFields: addFields,
  $set: addFields,
  $unset: unset,
  $project: project,
  $replaceRoot: replaceRoot,
  $replaceWith: (argument, path, context) => replacing("$replaceWith", argument, path, context),
  $match: match,
  $validate: validate,
  $redact: redact,
  $unwind: unwind,
  $lookup: lookup,
  $cachedLookup: cachedLookup,
  $https: https,
  $externalFunction: externalFunction,
  $setStreamMeta: setStreamMeta,
  $throttle: throttle,
};
