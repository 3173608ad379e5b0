import { tiers } from "../../../streams/engine/files/documents.ts";
import { knownVariables } from "../../../streams/engine/files/environment.ts";
import { environmentAliases } from "../../../streams/engine/files/project.ts";
import { type Carried, type Note, noteAtLine, type Remark } from "./note.ts";

/** What an environment is called here. */
export const environmentName = (folder: string) => environmentAliases[folder] ?? folder;

/** Names that sp's own files have for the same things. */
const renamed: Readonly<Record<string, string>> = {
  ...{ PUBLIC_KEY: "ATLAS_PUBLIC_KEY", PRIVATE_KEY: "ATLAS_PRIVATE_KEY" },
  ...{ SP_WORKSPACE_NAME: "WORKSPACE_NAME", SP_INSTANCE_NAME: "WORKSPACE_NAME" },
};
const keys = new Set(["ATLAS_PUBLIC_KEY", "ATLAS_PRIVATE_KEY"]);
const pair = /^(?:export\s+)?([A-Za-z_]\w*)=(.*)$/;

/** `environments/<environment>/config.env`: what is data in it. A shell ran the rest, and nothing runs it here. */
export function importConfig(path: string, folder: string, text: string): Carried {
  const environment = environmentName(folder);
  const notes: Note[] = [];
  const seen = new Set<string>();
  const lines = text.split(/\r?\n/).flatMap((raw, index) => {
    const say = (remark: Remark) => void notes.push(noteAtLine(path, index + 1, 1, remark));
    return lineOf(raw, environment, seen, say);
  });
  if (!seen.has("WORKSPACE_NAME")) notes.push(noteAtLine(path, 1, 1, { ...noWorkspace, severity: "error" }));
  return { files: { [`environments/${environment}/config.env`]: `${lines.join("\n").trimEnd()}\n` }, notes };
}

const noWorkspace: Remark = {
  ...{ rule: "import/workspace", outcome: "kept", message: "no WORKSPACE_NAME is set" },
  ...{
    why: "sp took it from SP_WORKSPACE_NAME of a file that is not in the repository",
    fix: "add WORKSPACE_NAME=<name>",
  },
};

function lineOf(raw: string, environment: string, seen: Set<string>, say: (remark: Remark) => void): string[] {
  const line = raw.trim();
  if (line === "") return [raw];
  if (line.startsWith("#"))
    return /(?:KEY|SECRET|PASSWORD|TOKEN)\w*\s*[=:]\s*\S/i.test(line) ? drop(say, remarkOnKey) : [raw];
  const [, given = "", text = ""] = pair.exec(line) ?? [];
  const name = renamed[given] ?? given;
  const value = text.replace(/^(["'])(.*)\1$/, "$2");
  if (given === "") return drop(say, shell("this is a command"));
  if (!knownVariables.has(name)) return drop(say, unknownVariable(given));
  if (seen.has(name)) return drop(say, unknownVariable(given, `${name} is there already`));
  if (/\$\(|`/.test(value)) return drop(say, shell(`${given} is made by a command`));
  const unfit = tierProblem(name, value);
  if (unfit !== undefined) return drop(say, unfit);
  seen.add(name);
  if (keys.has(name) && value !== "" && !/^\$\{?\w+\}?$/.test(value)) {
    const variable = `${name}_${environment.toUpperCase().replaceAll(/\W/g, "_")}`;
    say(plainKey(name, variable));
    return [`${name}=$${variable}`];
  }
  if (name === "DEFAULT_TIER" && value === "auto") say(automatic);
  if (name === given) return [raw];
  say({ ...unknownVariable(given, `${given} is ${name} now`), outcome: "changed" });
  return [`${name}=${text}`];
}

function drop(say: (remark: Remark) => void, remark: Remark): string[] {
  say(remark);
  return [];
}

const remarkOnKey: Remark = {
  ...{ rule: "import/secret", outcome: "left-out", message: "a remark that may hold a key" },
  ...{ why: "whoever reads the repository has it", fix: "make a new key if it was one" },
};

const shell = (message: string): Remark => ({
  ...{ rule: "import/shell", outcome: "left-out", message },
  ...{
    why: "the file was run by a shell; here it is data, and nothing in it is executed",
    fix: "write the value itself",
  },
});

const unknownVariable = (name: string, message = `nothing reads ${name}`): Remark => ({
  ...{ rule: "import/variable", outcome: "left-out", message },
  ...{ why: "these files say who, where and how large, and nothing else", fix: "set it where it is used" },
});

const plainKey = (name: string, variable: string): Remark => ({
  ...{
    rule: "import/secret",
    outcome: "left-out",
    message: `${name} holds a key in plain text: it is $${variable} now`,
  },
  why: "whoever reads the repository has it",
  fix: `make a new key, as this one is known, and set ${variable} where it is deployed; or use a service account`,
});

const automatic: Remark = {
  ...{ rule: "import/auto-tier", outcome: "kept", message: "auto means something else here" },
  why: "sp guesses from the text, and silently takes the workspace's own tier where Atlas refuses the guess; here the advisor decides, and an error is one",
  fix: "look at what slipway streams advise says",
};

function tierProblem(name: string, value: string): Remark | undefined {
  if (name !== "DEFAULT_TIER" && name !== "MAX_TIER") return undefined;
  if (tiers.some((tier) => tier === value) || (value === "auto" && name === "DEFAULT_TIER")) return undefined;
  return {
    ...{ rule: "import/tier", outcome: "left-out", message: `there is no tier ${JSON.stringify(value)}` },
    ...{ why: "Atlas refuses every start on it", fix: `use one of ${tiers.join(", ")}` },
  };
}
