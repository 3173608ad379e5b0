import { invocationsIn, remarksOn } from "./invocations.ts";
import { type Carried, type Note, noteAtLine, type Remark } from "./note.ts";

type Habit = Remark & { form: RegExp };

const left = "left-out";

/** What scripts around the tool do that is not done here, by how it looks. */
const habits: readonly Habit[] = [
  {
    ...{ form: /(?:KEY|SECRET|TOKEN)\w*=.*>>?\s*\S*config\.txt/, rule: "import/key-file", outcome: left },
    ...{ message: "keys are written into a file", why: "they stay in plain text where the job runs" },
    fix: "set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET of a service account for the job",
  },
  {
    ...{
      form: /(?<=(?:^|[;&]|\brun:)\s*)sleep\s+\d+/,
      rule: "import/sleep",
      outcome: left,
      message: "a wait of a fixed length",
    },
    ...{ why: "it is too long, or too short", fix: "none: a deployment waits for the state that it needs" },
  },
  {
    ...{ form: /select\(\s*\.status\s*==\s*"(?:STOPPED|STARTED|FAILED)"/, rule: "import/query", outcome: left },
    ...{ message: "this finds nothing, ever", why: "sp says success or failed in status; the state is in .state" },
    fix: "./slipway streams status <environment> --json",
  },
  {
    ...{
      form: /compare_performance\.py/,
      rule: "import/no-command",
      outcome: left,
      message: "there is no such script",
    },
    ...{ why: "the guide names it, and nobody has it", fix: "./slipway streams compare <environment>" },
  },
  {
    ...{ form: /\bif:\s*(?:\$\{\{\s*)?failure\(\)/, rule: "import/no-failure", outcome: left },
    message: "a step that follows failures that nobody sees",
    why: "sp ends with 0 where a processor could not be made or started, and where a threshold is broken",
    fix: "none: a deployment that fails goes back by itself, and every command ends with a code of its own",
  },
  {
    ...{ form: /git\s+checkout\s+\S+\s+--\s+processors/, rule: "import/rollback", outcome: left },
    ...{
      message: "the files of another commit over those of this one",
      why: "nothing says which version then stands there",
    },
    fix: "./slipway rollback <environment>",
  },
  {
    ...{ form: /grep\s+.*(?:password|secret).*processors/, rule: "import/scan", outcome: left },
    ...{ message: "a search for words", why: "it finds harmless words, and no key", fix: "./slipway streams lint" },
  },
  {
    ...{
      form: /(?<=(?:^|[;&]|\brun:)\s*)(?:source|\.)\s+\S*config\.env/,
      rule: "import/shell",
      outcome: left,
      message: "config.env is executed",
    },
    ...{ why: "whoever can write it can run anything in the job", fix: "none: it is read as data" },
  },
];

/** A workflow or a script: nothing of it is carried over; every place that does something says what does it here. */
export function importScript(path: string, text: string): Carried {
  const calls = invocationsIn(text);
  const notes = calls.flatMap((call) =>
    remarksOn(call).map((remark) => noteAtLine(path, call.line, call.column, remark)),
  );
  for (const [index, line] of text.split(/\r?\n/).entries()) notes.push(...habitsIn(path, line, index + 1));
  const workflow = path.startsWith(".github/");
  if (calls.length === 0 && !workflow && notes.length === 0) return { files: {}, notes: [] };
  return { files: {}, notes: [noteAtLine(path, 1, 1, wholeFile(workflow)), ...notes] };
}

const wholeFile = (workflow: boolean): Remark => ({
  ...{ rule: workflow ? "import/workflow" : "import/script", outcome: left },
  message: `the ${workflow ? "workflow" : "script"} is not carried over`,
  why: "it calls sp, which is not here",
  fix: workflow ? "the workflows of this repository deploy everything in it" : "./slipway, as said below",
});

function habitsIn(path: string, line: string, number: number): Note[] {
  if (line.trimStart().startsWith("#")) return [];
  return habits.flatMap(({ form, ...remark }) => {
    const found = form.exec(line);
    if (found === null) return [];
    return [noteAtLine(path, number, found.index + 1, remark)];
  });
}
