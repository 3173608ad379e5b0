import { createHash } from "node:crypto";

import type { Emulator } from "../emulator.ts";
import type { Scope } from "../protocol.ts";
import type { Fleet } from "./endpoint-state.ts";
import { ModelProcess } from "./model-process.ts";

export interface ProcessesOptions {
  /** Of the sandbox. */
  directory: string;
  python: string;
  emulator: Emulator;
  /** Time without a request after which a process ends; the next request starts it again. */
  idleMs: number;
  /** Time after which a process that answers "unhealthy" is given up. */
  unhealthyMs: number;
  onNote(line: string): void;
}

/** The processes of all endpoints of one sandbox, one per variant of a configuration. */
export class ModelProcesses {
  readonly #options: ProcessesOptions;
  readonly #running = new Map<string, ModelProcess>();
  readonly #ending = new Set<Promise<void>>();

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /** The process of a variant, started where it does not run. */
  of(
    scope: Scope,
    endpoint: string,
    { config }: Pick<Fleet, "config">,
    variant: Fleet["variants"][number],
  ): ModelProcess {
    const key = keyOf(scope, endpoint, config, variant);
    let process = this.#running.get(key);
    if (process === undefined) {
      const { emulator, idleMs: _idle, ...options } = this.#options;
      const read = (url: string) => emulator.object(scope, url);
      const { name, container } = variant;
      process = new ModelProcess({ ...options, name: `endpoint.${key}`, variant: name, container, read });
      this.#running.set(key, process);
    }
    process.use();
    return process;
  }

  /** Starts all variants of a fleet; tells whether all are healthy, or why one is not going to be. */
  observe(scope: Scope, endpoint: string, fleet: Fleet): { ready: boolean; failure?: string } {
    const processes = fleet.variants.map((variant) => this.of(scope, endpoint, fleet, variant));
    const failure = processes.map((process) => process.failure).find((each) => each !== undefined);
    const ready = processes.every((process) => process.port !== undefined);
    return { ready, ...(failure === undefined ? {} : { failure }) };
  }

  /** Ends a variant's process that failed, so that the next request tries anew. */
  drop(process: ModelProcess): void {
    for (const [key, each] of this.#running) if (each === process) this.#end(key, each);
  }

  /**
   * Ends what nobody needs: processes of fleets that are gone, and idle ones.
   *
   * @param wanted Fleets of the endpoints as they are now.
   */
  reap(wanted: readonly (Scope & { endpoint: string; fleet: Fleet })[]): void {
    const keys = new Set(
      wanted.flatMap(({ endpoint, fleet, ...scope }) =>
        fleet.variants.map((variant) => keyOf(scope, endpoint, fleet.config, variant)),
      ),
    );
    const oldest = Date.now() - this.#options.idleMs;
    for (const [key, process] of this.#running) if (!keys.has(key) || process.used < oldest) this.#end(key, process);
  }

  /** Whether any runs. */
  get any(): boolean {
    return this.#running.size > 0;
  }

  /** Ends every process; returns when they are gone. */
  async close(): Promise<void> {
    for (const [key, process] of this.#running) this.#end(key, process);
    await Promise.all(this.#ending);
  }

  #end(key: string, process: ModelProcess): void {
    this.#running.delete(key);
    const ended = process.stop().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

/** Also a file's name: whatever runs other bytes, or with other variables, is another process. */
function keyOf(
  { account, region }: Scope,
  endpoint: string,
  config: string,
  { name, container }: Fleet["variants"][number],
): string {
  const what = JSON.stringify([account, region, endpoint, config, name, container]);
  const digest = createHash("sha256").update(what).digest("hex").slice(0, 10);
  return `${account}.${endpoint}.${name}-${digest}`;
}
