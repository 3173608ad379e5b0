import type { Tier } from "../../streams/engine/files/documents.ts";
import { Admission, knownTier, refused, stagesOf } from "./admission.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { block } from "../types/build.ts";
import { takeFault } from "../cloud/faults.ts";
import { longestPauseMs, provisioningMs } from "./figures.ts";
import { conflict, notFound } from "./protocol.ts";
import { Records, wantedOf, type Known } from "./record.ts";
import { Runners, sameDefinition } from "./runners.ts";
import type { Run } from "./run.ts";
import { AtlasState, type Place, type ProcessorDocument } from "./state.ts";
import type { Samples } from "./samples.ts";

/** A processor with where it stands; none where it never ran. */
export interface Seen extends Known<ProcessorDocument> {
  run?: Run | undefined;
  /** Counts the changes of `run`. */
  revision: number;
}

export interface StartRequest {
  tier?: Tier | undefined;
  resume?: boolean | undefined;
  /** Milliseconds since 1970. */
  startAt?: number | undefined;
  autoscaling?: ProcessorDocument["autoscaling"];
  /** A start by the provider waits until it has happened. */
  atOnce?: boolean | undefined;
}

export interface CoreOptions {
  cloud: Cloud;
  samples: Samples;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * What becomes of stream processors, for the API and for Pulumi's provider alike. Everything is in the sandbox's database, so that any number of
 * processes may work with it, and be killed.
 */
export class AtlasCore {
  readonly state: AtlasState;
  readonly records: Records;
  readonly admission: Admission;
  readonly #cloud: Cloud;
  readonly #runners: Runners;
  readonly #now: () => number;

  constructor({ cloud, samples, now = Date.now }: CoreOptions) {
    this.#cloud = cloud;
    this.#now = now;
    this.state = new AtlasState(cloud.database);
    this.records = new Records(cloud, this.state);
    this.admission = new Admission(this.records, this.state);
    this.#runners = new Runners({ state: this.state, records: this.records, samples, now });
  }

  now(): number {
    return this.#now();
  }

  /** @throws AtlasError 404 */
  find(place: Place, name: string): Known<ProcessorDocument> {
    const found = this.records.processor(place, name);
    if (found !== undefined) return found;
    throw notFound("STREAM_PROCESSOR_NOT_FOUND", `Stream processor with name ${name} not found.`, name);
  }

  /** A processor as it stands now: one that runs reads on first. */
  async look(place: Place, name: string): Promise<Seen> {
    return this.#look(place, this.find(place, name));
  }

  async lookAtAll(place: Place): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (const each of this.records.processors(place)) seen.push(await this.#look(place, each));
    return seen;
  }

  async #look(place: Place, known: Known<ProcessorDocument>): Promise<Seen> {
    const stored = this.state.run(place, known.name);
    if (stored === undefined || stored.run.id !== known.body.id) return { ...known, revision: stored?.revision ?? 0 };
    if (stored.run.state !== "STARTED") return { ...known, ...stored };
    const struck = this.#strike(place, known.name);
    await this.#runners.advance(place, known, this.#passTime(), struck);
    return { ...known, revision: 0, ...this.state.run(place, known.name) };
  }

  #passTime(): number {
    return this.state.passTime(this.#now(), longestPauseMs);
  }

  /** Why a running processor fails now, where `sandbox fault unhealthy` wants it to. */
  #strike(place: Place, name: string): string | undefined {
    const type = `mongodbatlas:run/${place.workspace}/${name}`;
    const fault = takeFault(this.#cloud.database, type, "invoke", { kind: "unhealthy" });
    return fault && (fault.message || "injected by `slipway sandbox fault`");
  }

  /** @throws AtlasError 409 where it runs, 400 where it cannot */
  async start(place: Place, name: string, request: StartRequest = {}): Promise<Run> {
    return this.#change(place, name, async ({ run, ...known }) => {
      if (run?.state === "STARTED")
        throw conflict("STREAM_PROCESSOR_ALREADY_STARTED", `${name} is started already.`, name);
      const tier = this.admission.tier(place, name, known.body, request.tier);
      const resume = (request.resume ?? true) && run?.fresh !== true;
      this.admission.change(place, name, stagesOf(known.body), resume);
      const beginning = { run, resume, tier, passed: this.#passTime(), startAt: request.startAt };
      const next = await this.#runners.begin(place, known, beginning);
      return { ...next, readyAt: request.atOnce === true ? 0 : this.#now() + provisioningMs };
    });
  }

  /** @throws AtlasError 409 where it does not run */
  async stop(place: Place, name: string): Promise<Run> {
    return this.#change(place, name, async ({ run }) => {
      if (run === undefined || run.state === "CREATED" || run.state === "STOPPED")
        throw conflict("STREAM_PROCESSOR_NOT_STARTED", `${name} is not started.`, name);
      const rest = run.state === "FAILED" ? {} : { checkpoint: run.position, checkpointOffsets: run.offsets };
      return { ...run, ...rest, state: "STOPPED", error: undefined };
    });
  }

  /**
   * Brings a processor that Pulumi made or changed to the state that the record wants, as the provider of Atlas does: what runs is stopped
   * for any change of it, and started again from its checkpoint.
   *
   * @throws AtlasError in Atlas' words, where it cannot
   */
  async settle(place: Place, name: string): Promise<void> {
    const { body, recorded, run } = await this.look(place, name);
    if (recorded === undefined) return;
    const wanted = wantedOf(recorded);
    const changed = run !== undefined && !sameDefinition(run.definition, body);
    const moved = run !== undefined && run.tier !== this.admission.tier(place, name, body, undefined);
    const stops = run?.state === "STARTED" && (changed || moved || wanted.state !== "STARTED");
    if (stops) await this.stop(place, name);
    if (changed && !wanted.resume) await this.leaveCheckpoint(place, name);
    if (wanted.state !== "STARTED" || (run?.state === "STARTED" && !stops)) return;
    await this.start(place, name, { atOnce: true });
    const failure = (await this.look(place, name)).run?.error;
    if (failure !== undefined) throw refused(name, `it is FAILED: ${failure}`);
  }

  /** Another definition in the place of the one that there is. */
  redefine(place: Place, name: string, body: ProcessorDocument): void {
    const { recorded } = this.find(place, name);
    if (recorded === undefined) this.state.put("processor", place, name, body);
    else {
      const { pipelineText: pipeline, dlq, tier, failoverEnabled, autoscaling } = body;
      const options = { ...block(recorded.inputs["options"]), ...present({ dlq, autoscaling }) };
      const rest = { tier, failoverEnabled, options: Object.keys(options).length === 0 ? undefined : options };
      this.records.overwrite(recorded, { pipeline, ...present(rest) });
    }
  }

  /** Bounds within which Atlas would move the tier of a processor; nothing does so here. */
  scale(place: Place, name: string, { minTier, maxTier }: Record<string, unknown>): void {
    const { body } = this.find(place, name);
    const [least, most] = [knownTier(minTier), knownTier(maxTier)];
    if (least === undefined || most === undefined) throw refused(name, "autoscaling has minTier and maxTier");
    this.redefine(place, name, { ...body, autoscaling: { minTier: least, maxTier: most } });
  }

  /** Forgets everything of a processor. */
  drop(place: Place, name: string): void {
    this.#runners.forget(place, name);
    this.state.removeRun(place, name);
  }

  /** Takes the checkpoint away that the next start would go on from. */
  async leaveCheckpoint(place: Place, name: string): Promise<void> {
    if (this.state.run(place, name) === undefined) return;
    await this.#change(place, name, async ({ run }) => ({ ...(run as Run), fresh: true }));
  }

  /** Makes one run of another, from what it is at that very moment: somebody else may change it meanwhile. */
  async #change(place: Place, name: string, work: (seen: Seen) => Promise<Run>): Promise<Run> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const seen = await this.look(place, name);
      const next = await work(seen);
      const saved = this.state.transaction(() => {
        const { recorded } = this.find(place, name);
        if (this.state.saveRun(place, name, seen.revision, next) === undefined) return false;
        this.#runners.commit(place, next);
        if (recorded !== undefined) this.records.showState(recorded, next.state);
        return true;
      });
      if (saved) return next;
    }
    throw changedMeanwhile(name);
  }
}

const attempts = 20;
const present = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
const changedMeanwhile = (name: string) =>
  conflict("STREAM_PROCESSOR_CHANGED", `${name} was changed by somebody else at the same time.`, name);
