import type { StoredResource } from "../cloud/cloud.ts";
import { recordedIds } from "../state.ts";
import type { Session } from "./session.ts";

/** Resources of one URN, told apart by whether the stack's state knows them. */
export interface Siblings {
  recorded: StoredResource[];
  /**
   * Created by a run that died before the engine could write them down. Empty when the state is not the sandbox's own:
   * without it, an orphan looks just like the old resource of a replacement.
   */
  orphans: StoredResource[];
}

/** The state is read only where the cloud holds a resource of this URN already, so an ordinary create never pays for it. */
export function siblingsOf(session: Session, urn: string, place: { account: string; region: string }): Siblings {
  const { account, region } = place;
  const found = session.cloud.list({ urn, account, region });
  if (found.length === 0) return { recorded: [], orphans: [] };
  const ids = recordedIds(session.directory, urn);
  if (ids === undefined) return { recorded: found, orphans: [] };
  return { recorded: found.filter(({ id }) => ids.has(id)), orphans: found.filter(({ id }) => !ids.has(id)) };
}
