import { runSuite, type Suite, type SuiteContext, type SuiteReport } from "./suite.ts";

type Chunk = string | Uint8Array;

/** What one suite says: held back until every suite before it has said everything, then handed on as it comes. */
class Turn {
  #held: Chunk[] = [];
  readonly #out: (chunk: Chunk) => void;
  #open = false;

  constructor(out: (chunk: Chunk) => void) {
    this.#out = out;
  }

  write(chunk: Chunk): void {
    if (this.#open) this.#out(chunk);
    else this.#held.push(chunk);
  }

  open(): void {
    this.#open = true;
    for (const chunk of this.#held.splice(0)) this.#out(chunk);
  }
}

export interface LaneOptions {
  /** One suite after the other, or two at a time: one lane takes them from the front, the other from the back. */
  lanes: 1 | 2;
  out(chunk: Chunk): void;
}

/**
 * Runs suites and shows them in their order, whatever order they end in. Two lanes keep two processors busy; the quick suites at the
 * front are still the first that a person sees, and the long ones at the back begin at once.
 */
export async function runSuites(
  suites: readonly Suite[],
  context: Omit<SuiteContext, "say" | "write">,
  { lanes, out }: LaneOptions,
): Promise<SuiteReport[]> {
  const turns = suites.map(() => new Turn(out));
  const reports: SuiteReport[] = [];
  let shown = 0;
  const advance = () => {
    turns[shown]?.open();
    while (reports[shown] !== undefined) turns[++shown]?.open();
  };
  const one = async (index: number, suite: Suite) => {
    const write = (chunk: Chunk) => turns[index]?.write(chunk);
    const say = (line: string) => write(`${line}\n`);
    say(`\n[${index + 1}/${suites.length}] ${suite.name}: ${suite.title}`);
    // Without a sink of their own, the processes of the only lane write to the terminal directly.
    const report = await runSuite(suite, { ...context, say, ...(lanes === 1 ? {} : { write }) });
    if (report.problem !== undefined) say(`  FAIL ${report.problem}`);
    reports[index] = report;
    advance();
  };
  const left = [...suites.entries()];
  const lane = async (take: () => [number, Suite] | undefined) => {
    for (let next = take(); next !== undefined; next = take()) await one(...next);
  };
  advance();
  await Promise.all([lane(() => left.shift()), ...(lanes === 2 ? [lane(() => left.pop())] : [])]);
  return reports;
}
