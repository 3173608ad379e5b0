import { type Remark } from "./note.ts";
import { imagined, type SpCommand, spCommands } from "./sp-commands.ts";

/** One call of the `sp` tool in a script. */
export interface Invocation {
  line: number;
  column: number;
  words: readonly string[];
}

/** `sp`, by whatever path, as a command: at the start of a line, or behind what separates commands. */
const call = /(?:^|[;&|(`]|\$\(|\b(?:run|then|do|else|python3?):?)\s*((?:[\w.-]*\/)*sp)\s+(?=\S)/g;

/** Every call of the tool in a shell script, or in the commands of a workflow. */
export function invocationsIn(text: string): Invocation[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((raw, index) => {
    const remark = /(?:^|\s)#/.exec(raw);
    const code = remark === null ? raw : raw.slice(0, remark.index);
    return [...code.matchAll(call)].map((found) => {
      const name = found[1] ?? "";
      const column = found.index + found[0].indexOf(name) + 1;
      const rest = whole(lines, index, code.slice(found.index + found[0].length));
      return { line: index + 1, column, words: wordsOf(rest) };
    });
  });
}

/** A command together with the lines that a backslash says go on. */
function whole(lines: readonly string[], index: number, start: string): string {
  let text = start;
  for (let next = index + 1; text.trimEnd().endsWith("\\") && next < lines.length; next += 1)
    text = `${text.trimEnd().slice(0, -1)} ${lines[next] ?? ""}`;
  return text;
}

const word = /(["'])(.*?)\1|([^\s"'|;&<>()`]+)|[|;&<>()`]/g;

/** Words up to where the next command or a redirection begins. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [, , inQuotes, plain] of text.matchAll(word)) {
    const found = inQuotes ?? plain;
    if (found === undefined) break;
    words.push(found);
  }
  return words;
}

/** What has to be known about one call: that it fails, what it does, and what is typed instead. */
export function remarksOn({ words }: Invocation): Remark[] {
  const given = words[0] === "--config" ? words.slice(2) : words;
  const [group = "", second = ""] = given;
  const nested = second === "connections" && `${group} connections` in spCommands;
  const place = nested ? `${group} connections` : group;
  const name = (nested ? given[2] : second) ?? "";
  const commands = Object.hasOwn(spCommands, place) ? spCommands[place] : undefined;
  const command = commands && Object.hasOwn(commands, name) ? commands[name] : undefined;
  const shown = [place, name].filter((word) => word !== "").join(" ");
  if (command === undefined) return [missing(shown, imagined[name] ?? imagined[group])];
  const failure = group === "workspaces" && nested ? noSuchParser : refusal(command, given.slice(nested ? 3 : 2));
  const why = failure ?? `sp ${shown} ${command.does}`;
  const remarks: Remark[] = [
    {
      ...{ rule: failure === undefined ? "import/command" : "import/command-fails", outcome: "left-out", why },
      message: failure === undefined ? `sp ${shown} is not carried over` : `sp ${shown} cannot work as it is written`,
      fix: command.instead,
    },
  ];
  return shown.endsWith("s create") && place !== "processors" && !nested ? [...remarks, ...region(given)] : remarks;
}

const noSuchParser = "sp knows connections below instances alone: this is a usage error, always";

function missing(shown: string, instead: string | undefined): Remark {
  return {
    ...{ rule: "import/no-command", outcome: "left-out", message: `there is no command sp ${shown}` },
    why: "it is in guides of the tool, and not in the tool",
    fix: instead ?? "./slipway streams --help",
  };
}

/** Why the tool refuses the words behind a command; undefined where it takes them. */
function refusal({ valued = [], flags = [], positional = 0 }: SpCommand, words: readonly string[]): string | undefined {
  let free = positional;
  for (let index = 0; index < words.length; index += 1) {
    const given = words[index] ?? "";
    const [name = ""] = given.split("=");
    if (valued.includes(name)) index += given.includes("=") ? 0 : 1;
    else if (given.startsWith("-") && !flags.includes(given))
      return `sp knows no option ${given} here: this is a usage error`;
    else if (!given.startsWith("-") && --free < 0)
      return `sp takes no ${JSON.stringify(given)} here: this is a usage error`;
  }
  return undefined;
}

/** Atlas' names of regions, as far as they are other words than those of AWS. */
const regions: Readonly<Record<string, string>> = {
  ...{ US_EAST_1: "VIRGINIA_USA", US_WEST_2: "OREGON_USA", EU_WEST_1: "DUBLIN_IRL", EU_WEST_2: "LONDON_GBR" },
  ...{ EU_CENTRAL_1: "FRANKFURT_DEU", AP_SOUTH_1: "MUMBAI_IND", AP_SOUTHEAST_2: "SYDNEY_AUS" },
};

function region(words: readonly string[]): Remark[] {
  const at = words.findIndex((word) => word === "--region" || word.startsWith("--region="));
  const given = at < 0 ? undefined : (words[at]?.split("=")[1] ?? words[at + 1]);
  const asked = given ?? "US_EAST_1";
  if (/^[A-Z]+_[A-Z]{3}$/.test(asked) || asked.startsWith("$")) return [];
  const named = regions[asked.toUpperCase().replaceAll("-", "_")];
  return [
    {
      ...{ rule: "import/region", outcome: "left-out" },
      message: given === undefined ? "sp asks for the region US_EAST_1 where none is given" : `the region ${given}`,
      why: "Atlas knows no region of that name for stream processing, so the workspace cannot be made",
      fix: `write ${named ?? "Atlas' own name, such as VIRGINIA_USA,"} as the region of slipway:streams`,
    },
  ];
}
