import type { EngineEvent } from "../engine/events.ts";
import type { Console } from "./console.ts";
import {
  applyEvent,
  changes,
  countsLine,
  startProgress,
  type FinishedStep,
  type ProgressState,
} from "./progress-state.ts";
import { nameOfUrn } from "../engine/urn.ts";

/** Shows an operation while it runs. `close` leaves the last picture and must always be called. */
export interface Progress {
  onEvent(event: EngineEvent): void;
  close(): void;
}

export interface ProgressOptions {
  console: Console;
  /** e.g. `up dev` */
  title: string;
  /** A preview changes nothing, and its lines say so. */
  preview: boolean;
  now?: () => number;
}

const heartbeatMs = 10_000;
const redrawMs = 100;
const treeLines = 12;

const marks: Record<string, string> = {
  create: "+",
  update: "~",
  delete: "-",
  "create-replacement": "+-",
  "delete-replaced": "-+",
  import: "=",
};

/** A live tree for a person at a terminal, plain lines for everything else. */
export async function createProgress(options: ProgressOptions): Promise<Progress> {
  return options.console.interactive ? liveProgress(options) : plainProgress(options);
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;

function stepLine(step: FinishedStep, { console, preview }: ProgressOptions): string {
  const { colors } = console;
  const mark = step.failed ? "!" : (marks[step.op] ?? "*");
  const paint = step.failed
    ? colors.red
    : step.op.startsWith("delete")
      ? colors.red
      : step.op === "create"
        ? colors.green
        : colors.yellow;
  const time = preview ? "" : colors.dim(` ${seconds(step.seconds * 1000)}`);
  return `  ${paint(mark.padEnd(2))} ${step.name} ${colors.dim(step.type)}${step.failed ? colors.red(" failed") : ""}${time}`;
}

const isStack = (type: string) => type === "pulumi:pulumi:Stack";

function plainProgress(options: ProgressOptions): Progress {
  const now = options.now ?? Date.now;
  const state = startProgress(now());
  const title = `${options.title}: `;
  const heartbeat = setInterval(() => options.console.info(`${title}${elapsedLine(state, now())}`), heartbeatMs);
  heartbeat.unref();
  return {
    onEvent(event) {
      const step = applyEvent(state, event, now());
      if (step && changes(step.op) && !isStack(step.type)) options.console.info(stepLine(step, options));
    },
    close() {
      clearInterval(heartbeat);
    },
  };
}

const elapsedLine = (state: ProgressState, now: number) =>
  `${countsLine(state.counts)}, ${state.active.size} in progress, ${seconds(now - state.startedAt)}`;

/** The resources in progress under their parents, oldest first, as many as fit. */
export function activeTree(state: ProgressState, now: number): string[] {
  const steps = [...state.active.values()].filter((step) => changes(step.op) && !isStack(step.type));
  const nodes = new Map<string, string[]>();
  for (const step of steps) {
    const path = ancestors(state, step.parent);
    const key = path.join(" > ");
    const line = `${(marks[step.op] ?? "*").padEnd(2)} ${step.name} ${step.type} ${seconds(now - step.startedAt)}`;
    nodes.set(key, [...(nodes.get(key) ?? []), line]);
  }
  const lines = [...nodes].flatMap(([path, children]) =>
    path === "" ? children.map((line) => `  ${line}`) : [`  ${path}`, ...children.map((line) => `    ${line}`)],
  );
  return lines.length <= treeLines
    ? lines
    : [...lines.slice(0, treeLines - 1), `  … ${lines.length - treeLines + 1} more`];
}

function ancestors(state: ProgressState, urn: string | undefined): string[] {
  const names: string[] = [];
  for (let at = urn; at !== undefined && !at.includes("pulumi:pulumi:Stack::"); at = state.parents.get(at))
    names.unshift(nameOfUrn(at));
  return names;
}

async function liveProgress(options: ProgressOptions): Promise<Progress> {
  const { createLogUpdate } = await import("log-update");
  const area = createLogUpdate(process.stderr);
  const now = options.now ?? Date.now;
  const state = startProgress(now());
  const { colors } = options.console;
  const draw = () =>
    area(
      [`${colors.bold(options.title)} ${colors.dim(elapsedLine(state, now()))}`, ...activeTree(state, now())].join(
        "\n",
      ),
    );
  const timer = setInterval(draw, redrawMs);
  draw();
  return {
    onEvent(event) {
      const step = applyEvent(state, event, now());
      if (!step || !changes(step.op) || isStack(step.type)) return;
      area.clear();
      options.console.info(stepLine(step, options));
      draw();
    },
    close() {
      clearInterval(timer);
      area.clear();
      area.done();
    },
  };
}
