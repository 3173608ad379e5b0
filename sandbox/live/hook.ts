import type { StoredResource } from "../cloud/cloud.ts";
import { requireRemovable, type Existing } from "../operations/change.ts";
import { addressOf, parseUrn, type Session } from "../operations/session.ts";
import type { Properties } from "../types/type-spec.ts";
import { withAbsoluteFiles } from "./assets.ts";
import type { LiveCloud } from "./connect.ts";
import { liveTable } from "./table.ts";

/** What one provider process does to keep the emulator in line with the sandbox's record. */
export interface LiveHook {
  /** Asks beforehand whether a resource with these inputs would be taken; nothing changes. @throws Error in the service's words. */
  admit?(session: Session, wanted: Wanted): Promise<void>;
  /** Brings a resource that was created or updated to life. @throws Error in the emulator's words. */
  ensure(session: Session, existing: Existing): Promise<void>;
  /** Takes a resource away before its record goes, so that what the emulator refuses stays on record. */
  remove(session: Session, existing: Existing): Promise<void>;
}

/** A resource as it is to be. */
export interface Wanted {
  urn: string;
  inputs: Properties;
  /** In a preview nothing is started for it. */
  preview: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The hook of one process. The emulator is met only for types that live there, and started only by those that would not work without
 * it; everybody else pays for one look at a table.
 */
export function liveHook(environment: Environment): LiveHook | undefined {
  if (environment["SLIPWAY_SANDBOX_LIVE"] === "off") return undefined;
  const connection = new Connection(environment);
  return {
    ensure: async (session, existing) => {
      const entry = liveTable[parseUrn(existing.urn).type];
      const stored = entry && storedOf(session, existing);
      const live = stored && (await connection.open(session, entry?.starts === true));
      if (stored !== undefined) await live?.ensure(withAbsoluteFiles(stored, process.cwd()));
    },
    remove: async (session, existing) => {
      const stored = liveTable[parseUrn(existing.urn).type] && storedOf(session, existing);
      const live = stored && (await connection.open(session, false));
      if (stored === undefined || live === undefined) return;
      requireRemovable(session, stored);
      await live.remove(stored);
    },
  };
}

/** Opened when it is needed, and again when the emulator has ended meanwhile. */
class Connection {
  readonly #environment: Environment;
  #live: Promise<LiveCloud | undefined> | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  async open({ directory }: Session, start: boolean): Promise<LiveCloud | undefined> {
    const open = await this.#live;
    if (open !== undefined) return open;
    const { connectLive } = await import("./connect.ts");
    const opening = connectLive(directory, { environment: this.#environment, start });
    this.#live = opening.catch(() => undefined);
    const live = await opening;
    void live?.ended.then(() => (this.#live = undefined));
    return live;
  }
}

/** What is on record of a resource that the engine names. */
export function storedOf(session: Session, { urn, id, outputs }: Existing): StoredResource | undefined {
  const behaviour = session.behaviours.of(parseUrn(urn).type);
  return session.cloud.get(addressOf(session, behaviour, outputs, id));
}
