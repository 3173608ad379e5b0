const token = /\s*(?:("(?:[^"\\]|\\.)*")|([(),])|([^\s(),"]+))/gy;

function tokensOf(rule: string): string[] {
  return [...rule.matchAll(token)].map(([, quoted, bracket, word]) => quoted ?? bracket ?? word ?? "");
}

const states = ["ALARM", "OK", "INSUFFICIENT_DATA"];

/** Names or ARNs of the alarms in a rule. */
export function alarmsOf(rule: string): string[] {
  const tokens = tokensOf(rule);
  return tokens
    .filter((_, index) => states.includes(tokens[index - 2] ?? "") && tokens[index - 1] === "(")
    .map((name) => name.replace(/^"|"$/g, ""));
}

/** What is wrong with a composite alarm's rule, or undefined. */
export function ruleProblem(rule: string): string | undefined {
  if (rule.length < 1 || rule.length > 10_240) return "1 to 10240 characters";
  const tokens = tokensOf(rule);
  if (tokens.join("").length !== rule.replaceAll(/\s(?=(?:[^"]*"[^"]*")*[^"]*$)/g, "").length) return "unreadable text";
  try {
    const rest = expression(tokens);
    return rest.length === 0 ? undefined : `unexpected ${rest[0]}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Each parser takes the tokens and returns those that it leaves. */
function expression(tokens: readonly string[]): readonly string[] {
  let rest = operand(tokens);
  while (rest[0] === "AND" || rest[0] === "OR") rest = operand(rest.slice(1));
  return rest;
}

function operand(tokens: readonly string[]): readonly string[] {
  const [first, second] = tokens;
  if (first === "NOT") return operand(tokens.slice(1));
  if (first === "TRUE" || first === "FALSE") return tokens.slice(1);
  if (first === "(") return expect(expression(tokens.slice(1)), ")");
  if (first === "AT_LEAST") return atLeast(tokens);
  if (first !== undefined && states.includes(first)) {
    const name = expect(tokens.slice(1), "(");
    if (name[0] === undefined || "(),".includes(name[0])) throw new Error(`${first} needs the name of an alarm`);
    return expect(name.slice(1), ")");
  }
  throw new Error(first === undefined ? "it ends too early" : `unexpected ${first}${second === "(" ? "(" : ""}`);
}

/** `AT_LEAST(2, ALARM, (a, b, c))` */
function atLeast(tokens: readonly string[]): readonly string[] {
  let rest = expect(tokens.slice(1), "(");
  if (!/^\d+%?$/.test(rest[0] ?? "")) throw new Error("AT_LEAST needs a number");
  rest = expect(rest.slice(1), ",");
  if (!states.includes(rest[0] ?? "")) throw new Error("AT_LEAST needs a state");
  rest = expect(expect(rest.slice(1), ","), "(");
  while (rest[0] !== undefined && rest[0] !== ")") rest = rest.slice(1);
  return expect(expect(rest, ")"), ")");
}

function expect(tokens: readonly string[], wanted: string): readonly string[] {
  if (tokens[0] !== wanted) throw new Error(`expected ${wanted} before ${tokens[0] ?? "the end"}`);
  return tokens.slice(1);
}
