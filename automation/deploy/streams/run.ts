import { setTimeout as delay } from "node:timers/promises";
import { AtlasError } from "../../streams/atlas/errors.ts";
import type { AtlasStreams } from "../../streams/atlas/types.ts";
import type { Step } from "./decide.ts";
import type { HandoverOptions, HandoverResult, Shown } from "./handover.ts";
import { trialFor, versionFor } from "./making.ts";
import { judged, runningOf, standing } from "./lines.ts";
import { isPast } from "./past.ts";
import { stagesOf } from "./pipeline.ts";
import { begun, inService, noted, without, withoutAttempt, type HandoverRecord, type Judgement } from "./state.ts";
import { putInPlace, type Definition } from "./trial.ts";
import { until } from "./until.ts";

/** One run of a driver at a handover: takes steps, says them, and remembers what is told in the end. */
export class Run {
  /** What was started here. */
  readonly started = new Set<string>();
  readonly #client: AtlasStreams;
  readonly #options: HandoverOptions;
  readonly #began = performance.now();
  #from: string | undefined;
  #judgement: Judgement | undefined;
  #position: string | undefined;
  #acted = false;
  #said = "";

  constructor(client: AtlasStreams, options: HandoverOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Keeps what is told in the end. */
  note(seen: readonly Shown[], { served, attempt }: HandoverRecord): void {
    const { wanted } = this.#options;
    this.#from ??= attempt?.blue ?? runningOf(seen, wanted)[0] ?? served[0]?.name;
    if (attempt?.version !== wanted.version) return;
    this.#judgement = attempt.judgement ?? this.#judgement;
    this.#position = attempt.position ?? this.#position;
  }

  late(): boolean {
    return performance.now() - this.#began > this.#options.pace.timeoutMs;
  }

  /** Even the way back took too long. */
  overdue(): boolean {
    return performance.now() - this.#began > 2 * this.#options.pace.timeoutMs;
  }

  ended(): HandoverResult {
    return { ...this.#facts(), outcome: this.#acted ? "handed-over" : "none" };
  }

  /** The try is over and cleaned up: the next one begins anew. */
  async failed(record: HandoverRecord, seen: readonly Shown[], reason: string): Promise<HandoverResult> {
    await this.#options.records.write(withoutAttempt(record));
    return { ...this.#facts(), outcome: "failed", reason, stands: standing(seen, this.#options.wanted) };
  }

  async cancelled(record: HandoverRecord, seen: readonly Shown[]): Promise<HandoverResult> {
    const { wanted, records } = this.#options;
    const trials = seen.filter(({ name, aside }) =>
      aside === true ? name === wanted.version : name === wanted.trial?.name,
    );
    await this.#remove(trials.map(({ name }) => name));
    await records.write(withoutAttempt(record));
    const reason = "the version before was not touched";
    return { ...this.#facts(), outcome: "cancelled", reason, stands: standing(seen, wanted) };
  }

  /** Takes one step; each of them may be the last that this process gets to. */
  async take(step: Exclude<Step, { do: "nothing" | "failed" }>, record: HandoverRecord): Promise<void> {
    const { records, wanted } = this.#options;
    if (step.do !== "wait" && !(step.do === "delete" && step.why === "old")) this.#acted = true;
    switch (step.do) {
      case "wait":
        return this.#wait(step.name);
      case "begin":
        await this.#refuseHopeless(step.blue);
        return records.write(begun(record, wanted.version, step.blue, this.#now()));
      case "try":
        return this.#orGiveUp(record, () => this.#try(step.name));
      case "compare":
        return this.#compare(step, record);
      case "judge":
        return this.#judged(record, { verdict: "worse", reasons: [step.reason] });
      case "stop":
        return this.#stop(step, record);
      case "switch":
        return this.#orGiveUp(record, () => this.#switch(step.name, record));
      case "create":
        return this.#orGiveUp(record, () => this.#create(step, record));
      case "start":
        return this.#orGiveUp(record, () => this.#start(step.name));
      case "delete":
        await this.#remove(step.names);
        return step.why === "old" ? records.write(without(record, step.names)) : undefined;
      case "serve":
        this.#say(`${step.name} is in service`);
        return records.write(inService(record, step.name, this.#now()));
      case "give-up":
        return this.#giveUp(record, step.reason);
    }
  }

  async #wait(name: string): Promise<void> {
    const { pace, signal } = this.#options;
    this.#say(`waits for ${name}`);
    await delay(pace.pollMs, undefined, signal.aborted ? {} : { signal }).catch(() => undefined);
  }

  /** What cannot be handed over is not even begun. */
  async #refuseHopeless(blue: string | null): Promise<void> {
    const leaving = blue === null ? undefined : await this.#client.processor(blue);
    versionFor(this.#making, leaving);
    if (this.#options.wanted.trial !== undefined && leaving !== undefined)
      trialFor(this.#making, this.#options.percent);
  }

  async #try(name: string): Promise<void> {
    const { percent } = this.#options;
    const trial = trialFor(this.#making, percent);
    const share = percent === undefined ? "everything" : `${percent} % of the documents`;
    this.#say(`${name} tries ${share}, into ${trial.into.results}`, ...trial.warnings);
    await this.#make(name, trial);
  }

  async #compare({ trial, blue }: Step & { do: "compare" }, record: HandoverRecord): Promise<void> {
    const { judge, signal } = this.#options;
    const judgement = await judge(trial, blue).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    // A measurement that was broken off says nothing.
    if (signal.aborted || judgement === undefined) return;
    this.#say(`${trial} is ${judged[judgement.verdict]} ${blue}`, ...judgement.reasons);
    await this.#judged(record, judgement);
  }

  #judged(record: HandoverRecord, judgement: Judgement): Promise<void> {
    return this.#options.records.write(noted(record, { judgement: { ...judgement, at: this.#now() } }));
  }

  async #create({ name, after }: Step & { do: "create" }, record: HandoverRecord): Promise<void> {
    const leaving = after === undefined ? undefined : await this.#client.processor(after);
    const version = versionFor(this.#making, leaving);
    this.#say(`${name} is made; it begins ${version.begins}`);
    await this.#options.records.write(noted(record, { position: version.begins }));
    await this.#make(name, version);
  }

  async #make(name: string, { text, dlq }: Definition): Promise<void> {
    const { tier, failover } = this.#options.output;
    await this.#client.createProcessor({ name, pipeline: stagesOf(text), text, dlq, tier, failoverEnabled: failover });
  }

  async #start(name: string): Promise<void> {
    const { tier, autoscaling } = this.#options.output;
    this.#say(`${name} is started`);
    await this.#client.startProcessor(name, { tier, autoscaling });
    this.started.add(name);
  }

  /** Its last checkpoint is written when it is stopped, and not before. */
  async #stop({ name, past }: Step & { do: "stop" }, record: HandoverRecord): Promise<void> {
    if (past !== undefined && !(await this.#passed(name, past))) {
      const reason = `${name} did not get to where ${past} stopped`;
      return this.late() ? this.#giveUp(record, reason) : undefined;
    }
    this.#say(`${name} is stopped; its checkpoint stays`);
    await this.#client.stopProcessor(name);
    await until(this, this.#options.pace, async () => {
      const seen = await this.#client.processor(name);
      return seen === undefined || (seen.state !== "STARTED" && seen.state !== "PROVISIONING");
    });
  }

  /** Whether one has read what the other had when it stopped. */
  async #passed(name: string, other: string): Promise<boolean> {
    return until(this, this.#options.pace, async () => {
      const [running, stopped] = [await this.#client.processor(name), await this.#client.processor(other)];
      return running === undefined || stopped === undefined || isPast(running.stats, stopped.stats);
    });
  }

  /** Another sink is a change in place: windows and places are those of its checkpoint. */
  async #switch(name: string, record: HandoverRecord): Promise<void> {
    const { output, records } = this.#options;
    const trial = await this.#client.processor(name);
    if (trial === undefined) return;
    const begins = "where its trial stopped, with the windows that it filled";
    this.#say(`${name} goes into service; it begins ${begins}`);
    await records.write(noted(record, { position: begins }));
    const text = putInPlace(trial.text, output.pipeline);
    const change = { pipeline: stagesOf(text), text, dlq: output.dlq, resumeFromCheckpoint: true };
    await this.#client.modifyProcessor(name, change);
  }

  async #remove(names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.#say(`${name} is deleted`);
      await this.#client.deleteProcessor(name);
    }
  }

  /** What Atlas says no to is no reason to leave things half-way. */
  async #orGiveUp(record: HandoverRecord, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AtlasError) || error.status !== 400) throw error;
      await this.#giveUp(await this.#options.records.read(record.processor), error.message);
    }
  }

  async #giveUp(record: HandoverRecord, reason: string): Promise<void> {
    const { wanted, records } = this.#options;
    const own = record.attempt?.version === wanted.version ? record : begun(record, wanted.version, null, this.#now());
    await records.write(noted(own, { failed: reason }));
  }

  get #making() {
    const { wanted, output } = this.#options;
    return { wanted, output, workspace: this.#client.place.workspace };
  }

  #now(): string {
    return this.#options.now().toISOString();
  }

  /** Says what is new; what is waited for is said once. */
  #say(...lines: readonly string[]): void {
    const said = lines.join("\n");
    if (said !== this.#said) for (const line of lines) this.#options.say(`${this.#options.wanted.processor}: ${line}`);
    this.#said = said;
  }

  #facts() {
    const { processor, version } = this.#options.wanted;
    const from = this.#from === undefined || this.#from === version ? null : this.#from;
    const { verdict, reasons = [] } = this.#judgement ?? {};
    return {
      ...{ processor, from, to: version, seconds: Math.round(performance.now() - this.#began) / 1000 },
      ...(verdict === undefined ? {} : { judgement: { verdict, reasons } }),
      ...(this.#position === undefined ? {} : { position: this.#position }),
    };
  }
}
