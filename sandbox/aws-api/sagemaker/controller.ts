import type { CloudRecord } from "../record.ts";
import { arnOf, type Scope } from "../protocol.ts";
import type { Kept, State } from "../state.ts";
import { advanced, watchedAlarms, type EndpointState } from "./endpoint-state.ts";
import { endpointEvent } from "./endpoint-event.ts";
import type { ModelProcesses } from "./processes.ts";

export interface ControllerServices {
  state: State;
  record: CloudRecord;
  processes: ModelProcesses;
  onNote(line: string): void;
}

/** Brings endpoints to what they were asked to become: starts their processes, moves the traffic, looks at the alarms, goes back. */
export class EndpointController {
  readonly #services: ControllerServices;
  readonly #from = Date.now();

  constructor(services: ControllerServices) {
    this.#services = services;
  }

  /** Whether an endpoint is on its way. */
  get busy(): boolean {
    return this.#services.state.list("endpoint").some(({ body }) => body.update !== undefined);
  }

  /** One look at every endpoint. */
  round(): void {
    const { state, processes } = this.#services;
    for (const kept of state.list("endpoint")) this.#advance(kept);
    const fleets = state
      .list("endpoint")
      .filter(({ body }) => body.deleted === undefined)
      .flatMap(({ name, body, account, region }) =>
        [body.serves, body.update?.to].flatMap((fleet) =>
          fleet === undefined ? [] : [{ account, region, endpoint: name, fleet }],
        ),
      );
    processes.reap(fleets);
  }

  #advance({ name, body, ...scope }: Kept<"endpoint">): void {
    const { state, record, processes } = this.#services;
    if (body.update === undefined) return;
    const ringing = record
      .alarms(scope, watchedAlarms(body))
      .filter((alarm) => alarm.state === "ALARM")
      .map((alarm) => alarm.name);
    const green = processes.observe(scope, name, body.update.to);
    const next = advanced(body, { now: Date.now(), from: this.#from, green, ringing });
    if (next === body) return;
    putEndpoint(state, scope, next, body);
    if (next.failure !== undefined && next.failure !== body.failure)
      this.#services.onNote(`${arnOf(scope, "sagemaker", `endpoint/${name}`)}: ${next.failure}`);
  }
}

/** Keeps an endpoint, and tells the bus where its status changed. */
export function putEndpoint(state: State, scope: Scope, next: EndpointState, before?: EndpointState): void {
  state.transaction(() => {
    state.put("endpoint", scope, next.name, next);
    if (next.status !== before?.status) state.emit(scope, endpointEvent(scope, next));
  });
}
