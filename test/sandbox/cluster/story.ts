import { strict as assert } from "node:assert";

import { advance } from "../../../sandbox/cluster/advance.ts";
import type { Measurement } from "../../../sandbox/cluster/analysis.ts";
import type { PodObservation, WorkloadState } from "../../../sandbox/cluster/state.ts";
import { workloadsOf, type Workload } from "../../../sandbox/cluster/workload.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { analysisTemplate, workload, type WorkloadOptions } from "./manifests.ts";

const start = 1_000_000;

/** A workload under a clock of the test's own. */
export class Story {
  now = start;
  state: WorkloadState | undefined;
  readonly pods: Record<string, PodObservation> = {};
  #simulated = false;

  static simulated(): Story {
    const story = new Story();
    story.#simulated = true;
    return story;
  }

  /** Lets time pass and looks again. */
  look(wanted: Workload, passed = 0, measurements: Measurement[] = []): WorkloadState {
    this.now += passed;
    const { now, pods } = this;
    this.state = advance(this.state, wanted, { now, pods, measurements, simulated: this.#simulated });
    return this.state;
  }

  ready(wanted: Workload): void {
    this.pods[wanted.hash] = { ready: true, since: this.now };
  }

  fails(wanted: Workload, reason: string): void {
    this.pods[wanted.hash] = { ready: false, since: this.now, failure: { reason, since: this.now } };
  }

  /** Brings a first revision to where it serves. */
  settle(wanted: Workload): void {
    this.look(wanted);
    this.ready(wanted);
    assert.equal(this.look(wanted).phase, "Healthy");
  }
}

export function made(image: string, options: Partial<WorkloadOptions> = {}, changes: Properties = {}): Workload {
  const object = workload({ image, ...options });
  const spec = { ...(object["spec"] as Properties), ...changes };
  const [found] = workloadsOf([{ ...object, spec }, analysisTemplate()]);
  assert.ok(found);
  return found;
}

export const good = (wanted: Workload): Measurement => ({ hash: wanted.hash, requests: 12, errors: 0 });
export const bad = (wanted: Workload): Measurement => ({ hash: wanted.hash, requests: 12, errors: 6 });
