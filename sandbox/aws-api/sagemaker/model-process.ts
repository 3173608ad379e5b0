import { setTimeout as wait } from "node:timers/promises";

import { Pod } from "../../cluster/pod.ts";
import { block, text } from "../../types/build.ts";
import { modelFolder } from "./artifact.ts";
import type { ModelContainer } from "./models.ts";

export interface ModelProcessOptions {
  /** Of the sandbox. */
  directory: string;
  python: string;
  /** Tells its log files from those of others. */
  name: string;
  variant: string;
  container: ModelContainer;
  /** A container that says for so long why it is unhealthy has loaded what it could. */
  unhealthyMs: number;
  /** Reads an object of the account. */
  read(url: string): Promise<Buffer>;
  onNote(line: string): void;
}

/** What SageMaker asks of a container. */
const pingPath = "/ping";
const probeEveryMs = 100;

/** The local process that stands for all instances of one variant: `services/predict` of a release, with the artifact of the model. */
export class ModelProcess {
  readonly #options: ModelProcessOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #pod: Pod | undefined;
  #failure: string | undefined;
  #used = Date.now();
  #requests = 0;

  constructor(options: ModelProcessOptions) {
    this.#options = options;
    this.#done = this.#start().catch((error: unknown) => {
      this.#failure = error instanceof Error ? error.message : String(error);
    });
  }

  /** Port on 127.0.0.1, while it is healthy. */
  get port(): number | undefined {
    return this.#pod?.port;
  }

  /** Why it will not get healthy, in SageMaker's words and its own. */
  get failure(): string | undefined {
    if (this.port !== undefined) return undefined;
    const crash = this.#pod?.observe().failure?.reason;
    return this.#failure ?? (crash === undefined ? undefined : this.#unhealthy(crash));
  }

  /** When it was last needed. */
  get used(): number {
    return this.#requests > 0 ? Date.now() : this.#used;
  }

  /** Is needed for as long as the work takes. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#requests += 1;
    try {
      return await work();
    } finally {
      this.#requests -= 1;
      this.use();
    }
  }

  use(): void {
    this.#used = Date.now();
  }

  /** Its port once it is healthy; undefined when it will not be, or not in time. */
  async ready(milliseconds: number): Promise<number | undefined> {
    const deadline = performance.now() + milliseconds;
    while (this.port === undefined && this.failure === undefined && !this.#stop.signal.aborted) {
      if (performance.now() > deadline) return undefined;
      await wait(20);
    }
    return this.port;
  }

  /** Ends the process; returns when it is gone. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    await this.#pod?.stop();
  }

  async #start(): Promise<void> {
    const { directory, python, name, container, read, onNote } = this.#options;
    const folder = container.url === undefined ? undefined : await modelFolder(directory, container.url, read);
    if (this.#stop.signal.aborted) return;
    const environment = { ...container.environment, ...(folder === undefined ? {} : { MODEL_PATH: folder }) };
    const own = { image: container.image, environment, readinessPath: pingPath, probePaths: [] };
    this.#pod = new Pod({ directory, python, name, container: own, environment, onNote });
    await this.#listen(this.#pod);
  }

  /** Until it is healthy: what it says instead, and for how long it has been saying just that. */
  async #listen(pod: Pod): Promise<void> {
    const { signal } = this.#stop;
    let last: { said: string | undefined; since: number } = { said: undefined, since: 0 };
    while (!signal.aborted && pod.port === undefined && pod.observe().failure === undefined) {
      const said = pod.startedPort === undefined ? undefined : await saidAt(pod.startedPort);
      if (said !== last.said) last = { said, since: performance.now() };
      if (said !== undefined && performance.now() - last.since > this.#options.unhealthyMs) {
        this.#failure = this.#unhealthy(said);
        return;
      }
      await wait(probeEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #unhealthy(why: string): string {
    return `The primary container for production variant ${this.#options.variant} did not pass the ping health check: ${why}`;
  }
}

/** Why a container answers that it is unhealthy; undefined where it is healthy, or does not answer. */
async function saidAt(port: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${pingPath}`, { signal: AbortSignal.timeout(2_000) });
    const body = (await answer.text()).slice(0, 1_000);
    if (answer.ok) return undefined;
    return detailOf(body) ?? `it answered ${answer.status}`;
  } catch {
    return undefined;
  }
}

function detailOf(body: string): string | undefined {
  try {
    return text(block(JSON.parse(body))["detail"]);
  } catch {
    return undefined;
  }
}
