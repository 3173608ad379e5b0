/** What is wrong with a schedule expression, or undefined. `at` is for the scheduler alone. */
export function scheduleProblem(expression: string, kinds: readonly ("rate" | "cron" | "at")[]): string | undefined {
  const found = /^(rate|cron|at)\((.*)\)$/.exec(expression);
  const kind = kinds.find((name) => name === found?.[1]);
  const body = found?.[2] ?? "";
  switch (kind) {
    case "rate":
      return rateProblem(body);
    case "cron":
      return cronProblem(body);
    case "at":
      return atProblem(body);
    case undefined:
      return `expected ${kinds.map((name) => `${name}(...)`).join(" or ")}`;
  }
}

function rateProblem(body: string): string | undefined {
  const [, value = "", unit = ""] = /^(\d+) (minute|minutes|hour|hours|day|days)$/.exec(body) ?? [];
  if (unit === "" || Number(value) < 1) return "a rate is a positive number and minutes, hours or days";
  const plural = unit.endsWith("s");
  return plural === (Number(value) === 1) ? `"${value} ${unit}" mixes singular and plural` : undefined;
}

function atProblem(body: string): string | undefined {
  const valid = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body) && !Number.isNaN(Date.parse(`${body}Z`));
  return valid ? undefined : "a point in time is written yyyy-mm-ddThh:mm:ss";
}

interface Field {
  name: string;
  minimum: number;
  maximum: number;
  words?: readonly string[];
  special?: RegExp;
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const fields: readonly Field[] = [
  { name: "minutes", minimum: 0, maximum: 59 },
  { name: "hours", minimum: 0, maximum: 23 },
  { name: "day-of-month", minimum: 1, maximum: 31, special: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ },
  { name: "month", minimum: 1, maximum: 12, words: months },
  { name: "day-of-week", minimum: 1, maximum: 7, words: days, special: /^(\?|L|([1-7]|[A-Z]{3})(L|#[1-5]))$/ },
  { name: "year", minimum: 1970, maximum: 2199 },
];

function cronProblem(body: string): string | undefined {
  const parts = body.split(" ");
  if (parts.length !== fields.length) return `a cron expression has six fields, got ${parts.length}`;
  const wrong = fields.find((field, index) => !validField(parts[index] ?? "", field));
  if (wrong !== undefined) return `"${parts[fields.indexOf(wrong)]}" is not valid for ${wrong.name}`;
  const [, , dayOfMonth, , dayOfWeek] = parts;
  const marks = [dayOfMonth, dayOfWeek].filter((part) => part === "?").length;
  return marks === 1 ? undefined : "exactly one of day-of-month and day-of-week must be ?";
}

function validField(text: string, field: Field): boolean {
  return text.split(",").every((part) => {
    if (field.special?.test(part) === true) return true;
    const [range = "", step, ...rest] = part.split("/");
    if (rest.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
    if (range === "*") return true;
    const ends = range.split("-").map((end) => valueOf(end, field));
    return ends.length <= 2 && ends.every((end) => end >= field.minimum && end <= field.maximum);
  });
}

function valueOf(text: string, field: Field): number {
  const word = field.words?.indexOf(text.toUpperCase()) ?? -1;
  if (word >= 0) return word + field.minimum;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
