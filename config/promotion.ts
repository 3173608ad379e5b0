import { parseDocument } from "yaml";
import { z } from "zod";
import { parseWith, problemsError } from "./problems.ts";

const flag = z.boolean({ error: "true or false" });
const word = (rule: string) => z.string({ error: rule }).regex(/^[a-z][a-z0-9-]{0,38}$/, { error: rule });
/** Git's rules for a ref name, narrowed to what needs no quoting anywhere. */
const ref = (rule: string) =>
  z.string({ error: rule }).regex(/^(?![-./])(?!.*(?:\.\.|\/\/|\.lock$|\/$))[\w./-]{1,100}$/, { error: rule });

const environmentPolicy = z.strictObject({
  name: word("the name of an environment stack, e.g. staging"),
  tags: z.array(ref("a tag name, e.g. staging"), { error: "a list of tag names, [] where no tag moves" }),
  upstream: word("the name of the environment before this one").optional(),
  verify: flag,
  rollbackOnFailure: flag,
});

const promotionPolicy = z.strictObject({
  remote: ref("the name of a git remote, e.g. origin").default("origin"),
  protectedBranch: ref("the name of a branch, e.g. main"),
  environments: z
    .array(environmentPolicy, { error: "the environments in promotion order" })
    .min(1, { error: "at least one environment" }),
});

/** One environment's part of the policy. */
export interface EnvironmentPolicy {
  name: string;
  /** Accepted tag names; the first one is the tag that is moved. Empty where no tag deploys. */
  tags: string[];
  /** Environment in which a release must have been verified before it may come here. */
  upstream?: string;
  verify: boolean;
  /** Whether a failed verification brings the last verified release back. */
  rollbackOnFailure: boolean;
}

/** How code travels through the environments. */
export interface PromotionPolicy {
  /** Git remote that the tags are pushed to. */
  remote: string;
  /** Branch that a promoted commit must be on. */
  protectedBranch: string;
  /** In promotion order. */
  environments: EnvironmentPolicy[];
}

/** What the shape alone cannot say: unique names and tags, and an order in which every upstream comes first. */
function contradictions(policy: PromotionPolicy): string[] {
  const problems: string[] = [];
  const names: string[] = [];
  const owners = new Map<string, string>();
  for (const [index, { name, tags, upstream, verify, rollbackOnFailure }] of policy.environments.entries()) {
    const at = `environments[${index}]`;
    if (names.includes(name))
      problems.push(`${at}.name: got "${name}", expected a name that no other environment has.`);
    if (upstream !== undefined && !names.includes(upstream)) {
      const earlier =
        names.length === 0 ? "no upstream, it is the first" : `one of ${names.join(", ")}, listed before it`;
      problems.push(`${at}.upstream: got "${upstream}", expected ${earlier}.`);
    }
    for (const tag of tags) {
      const owner = owners.get(tag);
      if (owner !== undefined) problems.push(`${at}.tags: got "${tag}", expected a tag that ${owner} does not use.`);
      owners.set(tag, name);
    }
    if (rollbackOnFailure && !verify) {
      problems.push(
        `${at}.rollbackOnFailure: got true, expected false while verify is false: nothing would ever fail.`,
      );
    }
    names.push(name);
  }
  return problems;
}

/**
 * Promotion policy from its YAML text.
 * @param file how the person knows the file, for messages
 * @throws SlipwayError (usage) that lists every problem: file, key, value, rule, next step.
 */
export function parsePromotionPolicy(yamlText: string, file = "config/promotion.yaml"): PromotionPolicy {
  const document = parseDocument(yamlText);
  if (document.errors.length > 0) {
    throw problemsError(
      file,
      document.errors.map((error) => error.message.split("\n")[0]?.replace(/:$/, "") ?? error.message),
    );
  }
  const policy = parseWith(promotionPolicy, document.toJS(), { file }) as PromotionPolicy;
  const problems = contradictions(policy);
  if (problems.length > 0) throw problemsError(file, problems);
  return policy;
}
