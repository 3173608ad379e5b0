import { connectEmulator } from "./emulator.ts";
import { messageOf } from "../live/projection.ts";
import { Outbox } from "./outbox.ts";
import type { Scope } from "./protocol.ts";
import { CloudRecord } from "./record.ts";
import { listen, type Handlers } from "./server.ts";
import { State } from "./state.ts";
import { codeDeployOperations } from "./codedeploy/operations.ts";
import { DeploymentController } from "./codedeploy/controller.ts";
import { EndpointController } from "./sagemaker/controller.ts";
import { endpointOperations } from "./sagemaker/endpoints.ts";
import { modelOperations } from "./sagemaker/models.ts";
import { packageOperations } from "./sagemaker/packages.ts";
import { ModelProcesses } from "./sagemaker/processes.ts";
import { Runtime } from "./sagemaker/runtime.ts";

export interface AwsApiOptions {
  /** Of the sandbox. */
  directory: string;
  /** Runs the models. */
  python: string;
  onNote(line: string): void;
  /** Time without a request after which a model's process ends. */
  idleMs?: number;
  /** Time after which a model's process that answers "unhealthy" is given up. */
  unhealthyMs?: number;
}

/** SageMaker, its runtime and CodeDeploy of one sandbox, as far as the platform uses them. */
export interface AwsApi {
  /** `http://127.0.0.1:<port>`, for all three. Requests wait until the emulator is known. */
  endpoint: string;
  /** Says where the emulator answers; what was interrupted goes on, or back, from here. */
  attach(emulator: string): void;
  /** Where CodeDeploy left an alias; undefined where it never moved it. Needs no emulator. */
  aliasVersion(alias: Scope & { functionName: string; alias: string }): string | undefined;
  /** Whether a change of traffic, or an event, is under way. */
  busy(): boolean;
  /** Ends every process that was started. */
  close(): Promise<void>;
}

/** Between two rounds of the controllers: while something is under way, and while all is quiet. */
const roundEveryMs = { busy: 40, quiet: 500 };
const patience = { idleMs: 30_000, unhealthyMs: 5_000 };

/** Variables that point SDKs at the services. */
export function awsApiVariables(endpoint: string): Record<string, string> {
  const services = ["SAGEMAKER", "SAGEMAKER_RUNTIME", "CODEDEPLOY"];
  return Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, endpoint]));
}

/**
 * Starts the services. One process per sandbox can have them.
 *
 * @throws Error while another process has their state open.
 */
export async function startAwsApi(options: AwsApiOptions): Promise<AwsApi> {
  const state = new State(options.directory);
  const record = new CloudRecord(options.directory);
  const handlers = Promise.withResolvers<Handlers>();
  let running: Running | undefined;
  const server = await listen(handlers.promise, options.onNote);
  const close = async () => {
    await server.close();
    await running?.close();
    record.close();
    state.close();
  };
  let closed: Promise<void> | undefined;
  return {
    endpoint: server.endpoint,
    attach: (emulator) => {
      running = new Running(options, state, record, emulator);
      handlers.resolve(running.handlers);
    },
    aliasVersion: ({ functionName, alias, ...scope }) => state.get("alias", scope, `${functionName}:${alias}`)?.version,
    busy: () => running?.busy ?? false,
    close: () => (closed ??= close()),
  };
}

/** What goes on once the emulator is there. */
class Running {
  readonly handlers: Handlers;
  readonly #endpoints: EndpointController;
  readonly #deployments: DeploymentController;
  readonly #processes: ModelProcesses;
  readonly #outbox: Outbox;
  readonly #disconnect: () => void;
  readonly #onNote: (line: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: AwsApiOptions, state: State, record: CloudRecord, endpoint: string) {
    const { onNote } = options;
    const emulator = connectEmulator(endpoint);
    const services = { state, record, changed: () => this.#wake() };
    this.#disconnect = () => emulator.close();
    this.#onNote = onNote;
    this.#outbox = new Outbox(state, emulator, onNote);
    this.#processes = new ModelProcesses({ ...patience, ...options, emulator });
    this.#endpoints = new EndpointController({ state, record, processes: this.#processes, onNote });
    this.#deployments = new DeploymentController({ state, record, emulator, onNote });
    const runtime = new Runtime(services, this.#processes);
    this.handlers = {
      services: {
        SageMaker: { ...packageOperations(services), ...modelOperations(services), ...endpointOperations(services) },
        CodeDeploy_20141006: codeDeployOperations(services),
      },
      invoke: (scope, name, invocation) => runtime.invoke(scope, name, invocation),
    };
    this.#wake();
  }

  get busy(): boolean {
    return this.#endpoints.busy || this.#deployments.busy || this.#outbox.busy;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#processes.close();
    await this.#deployments.settled();
    await this.#outbox.settled();
    this.#disconnect();
  }

  /** The next round is soon: something has changed. */
  #wake(): void {
    this.#plan(0);
  }

  #plan(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.#round(), milliseconds);
  }

  #round(): void {
    let busy = true;
    try {
      this.#endpoints.round();
      this.#deployments.round();
      this.#outbox.flush();
      busy = this.busy;
    } catch (error) {
      // The record may be locked for a while, or be taken away by a reset.
      this.#onNote(`round: ${messageOf(error)}`);
    }
    this.#plan(busy ? roundEveryMs.busy : roundEveryMs.quiet);
  }
}
