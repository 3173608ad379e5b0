/** Rule types of the Data Quality Definition Language. */
const ruleTypes: ReadonlySet<string> = new Set([
  ...["AggregateMatch", "AllStatistics", "ColumnCorrelation", "ColumnCount", "ColumnDataType", "ColumnExists"],
  ...["ColumnLength", "ColumnNamesMatchPattern", "ColumnValues", "Completeness", "CustomSql", "DataFreshness"],
  ...["DatasetMatch", "DetectAnomalies", "DetectAnomaly", "DistinctValuesCount", "Entropy", "FileFreshness"],
  ...["FileMatch", "FileSize", "FileUniqueness", "IsComplete", "IsPrimaryKey", "IsUnique", "Mean"],
  ...[
    "ReferentialIntegrity",
    "RowCount",
    "RowCountMatch",
    "SchemaMatch",
    "StandardDeviation",
    "Sum",
    "UniqueValueRatio",
  ],
  "Uniqueness",
]);

const limit = 65_536;

/** What Glue answers to a ruleset that it cannot read, in the order in which it trips over it. */
export function rulesetProblems(text: string): string[] {
  const fail = (reason: string): string[] => [`InvalidInputException: ${reason}`];
  if (text.length === 0 || text.length > limit) return fail(`a ruleset has 1 to ${limit} characters`);
  const tokens = tokenize(text);
  if (typeof tokens === "string") return fail(tokens);
  const broken = bracketProblem(tokens);
  if (broken !== undefined) return fail(broken);
  const rules = sectionOf(tokens, "Rules");
  if (rules === undefined) return fail("Parsing Error: the ruleset must contain Rules = [ ... ]");
  const found = splitRules(rules);
  if (found.length === 0) return fail("Parsing Error: Rules must hold at least one rule");
  return found.flatMap(ruleProblem).flatMap(fail);
}

interface Token {
  text: string;
  line: number;
  quoted: boolean;
}

function tokenize(source: string): Token[] | string {
  const tokens: Token[] = [];
  for (const [index, whole] of source.split("\n").entries()) {
    const pattern = /\s*(?:(#.*)|("(?:[^"\\]|\\.)*")|([[\](){},=])|([^\s"[\](){},=#]+))|\s+$|(.)/gy;
    for (const [, comment, quoted, bracket, word, stray] of whole.matchAll(pattern)) {
      if (stray !== undefined) return `Parsing Error: token recognition error at: '${stray}' on line ${index + 1}`;
      const text = quoted ?? bracket ?? word;
      if (comment === undefined && text !== undefined)
        tokens.push({ text, line: index + 1, quoted: quoted !== undefined });
    }
  }
  return tokens;
}

const closing: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };

function bracketProblem(tokens: readonly Token[]): string | undefined {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.quoted) continue;
    if (token.text in closing) open.push(token);
    else if (Object.values(closing).includes(token.text)) {
      const expected = closing[open.pop()?.text ?? ""];
      if (expected !== token.text) return `Parsing Error: unexpected '${token.text}' on line ${token.line}`;
    }
  }
  const last = open.at(-1);
  return last === undefined ? undefined : `Parsing Error: '${last.text}' of line ${last.line} is never closed`;
}

/** Tokens between the brackets of `Name = [ ... ]`. */
function sectionOf(tokens: readonly Token[], name: string): Token[] | undefined {
  const start = tokens.findIndex(
    ({ text }, index) => text === name && tokens[index + 1]?.text === "=" && tokens[index + 2]?.text === "[",
  );
  if (start < 0) return undefined;
  let depth = 0;
  const inside: Token[] = [];
  for (const token of tokens.slice(start + 2)) {
    if (!token.quoted && token.text === "]") depth -= 1;
    if (depth > 0) inside.push(token);
    if (!token.quoted && token.text === "[") depth += 1;
    if (depth === 0) break;
  }
  return inside;
}

function splitRules(tokens: readonly Token[]): Token[][] {
  const rules: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (!token.quoted && token.text in closing) depth += 1;
    if (!token.quoted && Object.values(closing).includes(token.text)) depth -= 1;
    if (depth === 0 && token.text === ",") rules.push([]);
    else rules.at(-1)?.push(token);
  }
  return rules.length === 1 && rules[0]?.length === 0 ? [] : rules;
}

/** A rule begins with its type; composites are types in round brackets, joined by `and` and `or`. */
function ruleProblem(rule: readonly Token[]): string[] {
  const first = rule[0];
  if (first === undefined) return ["Parsing Error: an empty rule between commas"];
  if (first.text !== "(") return typeProblem(first);
  const parts = rule.filter(({ text }, index) => text === "(" && leadsRule(rule, index));
  return parts.flatMap((part) => typeProblem(rule[rule.indexOf(part) + 1] ?? part));
}

/** An opening bracket at the beginning or after a connective holds a rule; any other holds values. */
function leadsRule(rule: readonly Token[], index: number): boolean {
  const before = rule[index - 1]?.text;
  const nested = rule[index + 1]?.text === "(";
  return !nested && (before === undefined || ["(", "and", "or"].includes(before));
}

function typeProblem(token: Token): string[] {
  if (!token.quoted && ruleTypes.has(token.text)) return [];
  return [`Rule Type: ${token.text} is not valid (line ${token.line})`];
}
