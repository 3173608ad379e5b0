import { between, block, failures, list, mustMatch, required } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";

export const repositoryType = "github:index/repository:Repository";
export const environmentType = "github:index/repositoryEnvironment:RepositoryEnvironment";

/** Numeric id of the kind GitHub counts up. */
export function number(context: TypeContext, digits: number): number {
  return 10 ** (digits - 1) + (parseInt(context.suffix(8), 16) % (9 * 10 ** (digits - 1)));
}

/** Id of the repository that a resource belongs to. One that no program made is taken as given, and gets an id from its name. */
export function repositoryId(inputs: Properties, context: TypeContext): unknown {
  const name = inputs["repository"];
  const made = context.find(repositoryType).find((other) => other.id === name);
  return (
    made?.outputs["repoId"] ??
    [...String(name)].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9e8, 7) + 1e8
  );
}

function validReviewers(inputs: Properties): Failure | undefined {
  const reviewers = list(inputs["reviewers"]).map(block);
  const count = reviewers.reduce((sum, entry) => sum + list(entry["users"]).length + list(entry["teams"]).length, 0);
  return count > 6
    ? { property: "reviewers", reason: `an environment has at most 6 reviewers, got ${count}` }
    : undefined;
}

function validBranches(inputs: Properties): Failure | undefined {
  const { protectedBranches, customBranchPolicies } = block(inputs["deploymentBranchPolicy"]);
  if (protectedBranches === undefined || protectedBranches !== customBranchPolicies) return undefined;
  const reason = "422 protected_branches and custom_branch_policies cannot have the same value";
  return { property: "deploymentBranchPolicy", reason };
}

export const environment: TypeSpec = {
  type: environmentType,
  global: true,
  defaults: { canAdminsBypass: true, preventSelfReview: false },
  validate: (inputs) =>
    failures(
      required(inputs, "repository", "environment"),
      mustMatch(inputs, "environment", /^.{1,255}$/, "1 to 255 characters"),
      between(inputs, "waitTimer", 0, 43_200),
      validReviewers(inputs),
      validBranches(inputs),
    ),
  id: (inputs) => `${String(inputs["repository"])}:${encodeURIComponent(String(inputs["environment"]))}`,
  outputs: (inputs, _id, context) => ({ repositoryId: repositoryId(inputs, context) }),
  computed: ["repositoryId"],
  replaceOn: ["repository", "environment"],
  fidelity: "reviewers, wait timer and branch policy checked; any repository is there; holds back no deployment",
};
