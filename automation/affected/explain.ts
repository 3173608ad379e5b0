import { expressionOf } from "./pattern.ts";
import type { Route, Router, Rule } from "./router.ts";

/** What one pattern says of a path. */
export interface PatternVerdict {
  unit: string;
  pattern: string;
  /** Line in the units file. */
  line: number;
  /** `later`: it matches too, but a pattern above it took the path. */
  verdict: "took" | "no match" | "later";
  why: string;
}

export interface Explanation {
  path: string;
  route: Route;
  patterns: PatternVerdict[];
}

/** Which pattern took a path, and why every other did not. */
export function explainPath(router: Router, path: string): Explanation {
  const route = router.route(path);
  return { path, route, patterns: router.rules.map((rule) => verdictOf(rule, path, route.rule)) };
}

function verdictOf(rule: Rule, path: string, winner: Rule | undefined): PatternVerdict {
  const { glob: pattern, line } = rule.pattern;
  const base = { unit: rule.unit.name, pattern, line };
  if (rule.order === winner?.order) return { ...base, verdict: "took", why: "the first that matches" };
  if (!expressionOf(pattern).test(path)) return { ...base, verdict: "no match", why: whyNot(pattern, path) };
  return { ...base, verdict: "later", why: `it matches too, but ${winner?.pattern.glob ?? ""} comes first` };
}

/** The first segment where pattern and path part, in words. */
function whyNot(pattern: string, path: string): string {
  const wanted = pattern.split("/");
  const given = path.split("/");
  for (const [index, segment] of wanted.entries()) {
    const found = given[index];
    const at = given.slice(0, index).join("/");
    if (segment === "**") return `what is left of the path does not match ${wanted.slice(index).join("/")}`;
    if (found === undefined) return `the path ends before ${segment}`;
    if (!expressionOf(segment).test(found))
      return `${JSON.stringify(found)}${at === "" ? "" : ` in ${at}/`} is not ${segment}`;
  }
  return given.length > wanted.length
    ? `the path goes on below ${given.slice(0, wanted.length).join("/")}`
    : "the whole path differs";
}
