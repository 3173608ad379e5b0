import type { Properties } from "../types/type-spec.ts";
import { contextOf, type Session } from "./session.ts";

/** Data sources. One that nobody has modelled is an error: a made-up answer would be taken for the truth. */
export function invoke(session: Session, token: string, args: Properties): Properties {
  const answer = session.behaviours.invoke(token);
  if (answer === undefined) throw new Error(`the sandbox does not simulate the data source ${token}`);
  const region = typeof args["region"] === "string" ? args["region"] : session.identity.region;
  return answer(args, contextOf(session, { urn: "", region }));
}
