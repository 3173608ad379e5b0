/** Kinds of change that a message begins with: those of Angular's convention, which most tools know. */
export const messageTypes = [
  ...["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"],
] as const;

/** What fits into a list of commits, and leaves room for a change that takes a sentence. */
export const longestSubject = 160;

/** A commit, or what will be the message of one. */
export interface Message {
  /** Its id, or `title` for that of the pull request. */
  at: string;
  /** Everything, body and footers included. */
  text: string;
  /** Ids of what it was made from. */
  parents: number;
  author: string;
}

const header = /^(?<type>[^\s():!]+)(?<scope>\([^()]*\))?(?<breaking>!)?(?<separator>:? *)(?<description>.*)$/u;
const scopeForm = /^\((?:[\w./-]+)(?:, ?[\w./-]+)*\)$/u;

/** Why nobody is held to a message: git or a service wrote it, and its words are not for the author to choose. */
export function excused({ text, parents, author }: Message): string | undefined {
  if (parents > 1) return "a merge";
  if (author.endsWith("[bot]")) return "written by a bot";
  if (/^Revert "[^\n]*"(?:\n|$)/u.test(text)) return "git's own message of a revert";
  return undefined;
}

/**
 * What a message lacks to be a Conventional Commit, in words; none for one that is. https://www.conventionalcommits.org/en/v1.0.0
 */
export function problemsOf({ text }: Pick<Message, "text">): string[] {
  const [subject = "", second] = text.replaceAll("\r\n", "\n").trimEnd().split("\n");
  if (subject.trim() === "") return ["it is empty"];
  if (/^(?:fixup|squash|amend)! /u.test(subject))
    return ["it waits for its squash: git rebase --interactive --autosquash"];
  const problems = second !== undefined && second.trim() !== "" ? ["no empty line follows the first one"] : [];
  if (subject.length > longestSubject)
    problems.push(`the first line has ${subject.length} characters, at most ${longestSubject} are read`);
  return [...headerProblems(subject), ...problems];
}

function headerProblems(subject: string): string[] {
  const { type, scope, separator = "", description = "" } = header.exec(subject)?.groups ?? {};
  if (type === undefined || !separator.startsWith(":"))
    return ["it does not begin with a type and a colon, as in `fix: `"];
  const problems: string[] = [];
  if (!(messageTypes as readonly string[]).includes(type))
    problems.push(`"${type}" is no type; use one of ${messageTypes.join(", ")}`);
  if (scope !== undefined && !scopeForm.test(scope))
    problems.push(`"${scope}" is no scope: words without spaces, as in (streams) or (data, model)`);
  if (description.trim() === "") problems.push("nothing follows the type");
  else if (separator !== ": ") problems.push("exactly one space follows the colon");
  if (/[.]$/u.test(description) && !description.endsWith("..")) problems.push("the first line ends in a full stop");
  return problems;
}
