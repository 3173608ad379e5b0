import type { PipelineJob } from "../../../../components/data/state-machine/pipeline-definition.ts";
import type { Lab, RunOptions, States } from "./lab.ts";
import type { Scenario } from "./stand-ins.ts";

const job = (name: string) => [name, `${name}Wait`, `${name}Status`, `${name}Result`];
export const start = ["Prepare", "Validate", "Pending"];
const candidate = [...start, ...job("Transform"), ...job("Features"), "Catalog", ...job("Quality"), "QualityGate"];
const gated = [...candidate, "GoodEnough"];
const published = ["Publish", "NotifyPublished", "Published"];
const quarantined = ["Quarantine", "NotifyQuality", "QualityGateFailed"];
export const failure = ["NotifyFailure", "PipelineFailed"];

/** The states up to one, and it. */
const upTo = (states: readonly string[], last: string) => states.slice(0, states.indexOf(last) + 1);

export interface Case {
  title: string;
  scenario: Scenario;
  options?: (lab: Lab) => RunOptions;
  /** What happens while the execution is on its way. */
  meanwhile?: (lab: Lab, scenario: Scenario) => Promise<void>;
  path: readonly string[];
  error?: "PipelineFailed" | "QualityGateFailed";
  /** Severity of the one message. */
  message?: "info" | "warning" | "critical";
  facts?: Record<string, unknown>;
}

const ends: Case[] = [
  {
    title: "publishes what is good",
    scenario: {},
    path: [...gated, ...published],
    message: "info",
    facts: { outcome: "published", mode: "live" },
  },
  { title: "ends where nothing is pending", scenario: { accepted: 0 }, path: [...start, "NothingToDo"] },
  {
    title: "publishes the report where all was rejected",
    scenario: { accepted: 0, rejected: 2 },
    path: [...start, ...published],
    message: "info",
  },
  {
    title: "quarantines what misses its rules",
    scenario: { passed: false },
    path: [...gated, ...quarantined],
    error: "QualityGateFailed",
    message: "warning",
    facts: { outcome: "quarantined", failedRules: ["IsUnique order_id"] },
  },
  {
    title: "starts over on a pointer that moved, as often as it moves",
    scenario: { stale: 2 },
    path: [
      ...[...gated, "Publish", "PublishError", ...gated.slice(1), "Publish", "PublishError"],
      ...[...gated.slice(1), ...published],
    ],
    message: "info",
  },
];

const badJobs: Case[] = [
  ...(["Transform", "Features", "Quality"] as const).map((state): Case => {
    const breaks = { Transform: "raw_to_processed", Features: "daily_features", Quality: "quality" }[state];
    return {
      title: `fails where ${breaks} fails`,
      scenario: { breaks },
      path: [...upTo(candidate, `${state}Result`), ...failure],
      error: "PipelineFailed",
      message: "critical",
      facts: { state, error: "JobRunFailed", cause: /ended FAILED\. was told to fail/ },
    };
  }),
  {
    title: "fails where a job takes too long",
    scenario: { hangs: "quality" },
    path: [...upTo(candidate, "QualityResult"), ...failure],
    error: "PipelineFailed",
    message: "critical",
    facts: { state: "Quality", error: "JobRunFailed", cause: /ended TIMEOUT/ },
  },
  {
    title: "fails where somebody stops a job",
    scenario: { hangs: "daily_features" },
    meanwhile: async (lab, scenario) => await lab.stopRun(scenario.hangs as PipelineJob, scenario),
    path: [...upTo(candidate, "FeaturesResult"), ...failure],
    error: "PipelineFailed",
    message: "critical",
    facts: { state: "Features", error: "JobRunFailed", cause: /ended STOPPED/ },
  },
];

/** The way to each task, and the scenario that leads there. */
function wayTo(state: string): [path: string[], scenario: Scenario] {
  if (candidate.includes(state)) return [upTo(candidate, state), {}];
  if (quarantined.includes(state)) return [upTo([...gated, ...quarantined], state), { passed: false }];
  return [upTo([...gated, ...published], state), {}];
}

const afterFailed = (state: string) => (state === "Publish" ? ["PublishError", ...failure] : failure);

const functionStates = {
  Validate: "validate",
  Catalog: "catalog",
  QualityGate: "quality_gate",
  Publish: "publish",
  Quarantine: "quarantine",
};

const badFunctions: Case[] = Object.entries(functionStates).map(([state, raises]) => {
  const [path, scenario] = wayTo(state);
  return {
    title: `fails where ${raises} raises an error`,
    scenario: { ...scenario, raises },
    path: [...path, ...afterFailed(state)],
    error: "PipelineFailed",
    message: "critical",
    facts: { state, cause: /was told to fail/ },
  };
});

const silentFunctions: Case[] = (["Validate", "QualityGate", "Publish"] as const).map((state) => ({
  title: `fails where ${functionStates[state]} does not answer what it has to`,
  scenario: { silent: functionStates[state] },
  path: [...wayTo(state)[0], ...afterFailed(state)],
  error: "PipelineFailed",
  message: "critical",
  facts: { state, error: "States.QueryEvaluationError" },
}));

/** The same states with one task that calls what is not there. */
export function withoutTarget(states: States, name: string): States {
  const { Arguments: old, ...state } = states[name] ?? {};
  const missing = ["FunctionName", "JobName", "TopicArn"].flatMap((key) => {
    const target = (old as Record<string, string>)[key];
    return target === undefined ? [] : [[key, `${target}-missing`]];
  });
  return { ...states, [name]: { ...state, Arguments: { ...(old as object), ...Object.fromEntries(missing) } } };
}

export const tasks = [...candidate, ...published, ...quarantined].filter(
  (name) => !["Prepare", "Pending", "Published", "QualityGateFailed"].includes(name) && !/(Wait|Result)$/.test(name),
);

const badCalls: Case[] = tasks.map((state) => {
  const [path, scenario] = wayTo(state);
  return {
    title: `fails where ${state} cannot call its service`,
    scenario,
    options: (lab) => ({ states: withoutTarget(lab.states, state) }),
    path: [...path, ...afterFailed(state)],
    error: "PipelineFailed",
    message: "critical",
    facts: { state, error: /./ },
  };
});

export const cases = [...ends, ...badJobs, ...badFunctions, ...silentFunctions, ...badCalls];
