import type { Statement } from "../../shared/iam.ts";
import { type Place, environmentPrefix, regionalArn } from "../names.ts";

/** One kind of things that the program makes in a service: where they are, how it looks at them, how it changes them. */
export interface Kind {
  sid: string;
  service: string;
  resources: (place: Place) => readonly string[];
  read: readonly string[];
  change: readonly string[];
}

/** Things whose names begin with the environment, by what stands before the name. */
export const named = (...before: string[]) => {
  return (place: Place) => before.map((kind) => `${kind}${environmentPrefix(place)}*`);
};
/** Words of one line as a list. */
export const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** What looks at things of one kind, or changes them. */
export function statementOf(place: Place, kind: Kind, verb: "Read" | "Change"): Statement {
  const actions = verb === "Read" ? kind.read : kind.change;
  return {
    sid: `${verb}${kind.sid}`,
    actions: actions.map((action) => `${kind.service}:${action}`),
    resources: kind.resources(place).map((resource) => regionalArn(place, kind.service, resource)),
  };
}
