import { collectionName, watchedCollection } from "./sources.ts";
import { type Rule, found, member } from "./subject.ts";

const missing: Rule = function* (subject) {
  if (subject.processor.dlq !== undefined) return;
  yield found(subject, ["options"], {
    ...{ rule: "dlq/missing", severity: "warning", message: "no dead letter queue" },
    why: "documents that cannot be processed, and those that are late, are dropped without a trace",
    fix: 'add "options": {"dlq": {"connectionName": "...", "db": "...", "coll": "..."}}',
  });
};

/** A stage that sends documents there, and no there. */
const askedFor: Rule = function* (subject) {
  if (subject.processor.dlq !== undefined) return;
  for (const { name, operand, path } of subject.uses)
    for (const key of ["validationAction", "onError"])
      if (member(operand, key) === "dlq")
        yield found(subject, [...path, key], {
          ...{ rule: "dlq/asked-for", message: `${name} sends documents to a dead letter queue that is not there` },
          ...{ why: "they would be dropped instead", fix: "add options.dlq" },
        });
};

const itsOwn: Rule = function* (subject) {
  const { dlq } = subject.processor;
  const queue = collectionName(dlq);
  if (queue === undefined) return;
  const merge = subject.uses.find(({ name, place }) => name === "$merge" && place === "main");
  if (queue === collectionName(member(merge?.operand, "into")))
    yield found(subject, ["options", "dlq"], {
      ...{ rule: "dlq/is-the-sink", message: "the dead letter queue is the collection of $merge" },
      ...{ why: "readers of results would find documents that could not be processed", fix: "name another one" },
    });
  if (queue === watchedCollection(subject))
    yield found(subject, ["options", "dlq"], {
      ...{ rule: "dlq/is-the-source", message: "the dead letter queue is the collection that the processor watches" },
      ...{ why: "each document in it would be read, fail and be put there again", fix: "name another one" },
    });
};

export const dlq: readonly Rule[] = [missing, askedFor, itsOwn];
