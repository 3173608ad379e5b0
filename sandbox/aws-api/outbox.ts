import { messageOf } from "../live/projection.ts";
import type { Emulator } from "./emulator.ts";
import type { PendingEvent, State } from "./state.ts";

/** Between two tries at an event that was not taken. */
const retryMs = 500;

/** Puts the events that wait on the emulator's buses, one after the other, each until somebody took it or refused it. */
export class Outbox {
  readonly #state: State;
  readonly #emulator: Emulator;
  readonly #onNote: (line: string) => void;
  #running: Promise<void> | undefined;
  #retryAt = 0;

  constructor(state: State, emulator: Emulator, onNote: (line: string) => void) {
    this.#state = state;
    this.#emulator = emulator;
    this.#onNote = onNote;
  }

  /** Whether events wait. */
  get busy(): boolean {
    return this.#running !== undefined || this.#state.pendingEvents().length > 0;
  }

  /** Sends what waits, where nobody does already. An event may come twice when this process is killed behind it; never not at all. */
  flush(): void {
    if (this.#running !== undefined || Date.now() < this.#retryAt) return;
    this.#running = this.#send().finally(() => (this.#running = undefined));
  }

  /** Settles when nothing is being sent. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #send(): Promise<void> {
    for (const pending of this.#state.pendingEvents()) {
      try {
        const refused = await this.#emulator.putEvent(pending);
        // What the bus does not want now it will not want later.
        this.#state.delivered(pending.id);
        if (refused !== undefined) this.#note(pending, `is lost: ${refused}`);
      } catch (error) {
        this.#retryAt = Date.now() + retryMs;
        this.#note(pending, `waits: ${messageOf(error)}`);
        return;
      }
    }
  }

  #note({ account, event }: PendingEvent, what: string): void {
    this.#onNote(`event ${event.detailType} of ${account} ${what}`);
  }
}
