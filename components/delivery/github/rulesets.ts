import type * as github from "@pulumi/github";

type Ruleset = Omit<github.RepositoryRulesetArgs, "repository" | "enforcement">;

/** The one check that main asks for. It sums all others up, because one that was skipped would stay pending for ever. */
export const gateCheck = "gate";

/** The GitHub App that deploys, by its id, past rules that stop everybody else. */
function onlyApp(deployApp: number): NonNullable<Ruleset["bypassActors"]> {
  return [{ actorId: deployApp, actorType: "Integration", bypassMode: "always" }];
}

const refs = (...includes: string[]) => ({ refName: { includes, excludes: [] } });

/** Rules of the repository's branches and tags, by a stable key. */
export function rulesets(deployApp: number): Readonly<Record<string, Ruleset>> {
  return {
    main: {
      name: "main: reviewed, gated, never rewritten",
      target: "branch",
      conditions: refs("~DEFAULT_BRANCH"),
      rules: {
        deletion: true,
        nonFastForward: true,
        pullRequest: {
          requiredApprovingReviewCount: 1,
          dismissStaleReviewsOnPush: true,
          requireLastPushApproval: true,
          requiredReviewThreadResolution: true,
        },
        requiredStatusChecks: { requiredChecks: [{ context: gateCheck }], strictRequiredStatusChecksPolicy: true },
      },
    },
    "promotion-tags": {
      name: "promotion tags: moved by deployments alone",
      target: "tag",
      conditions: refs("refs/tags/staging", "refs/tags/prod", "refs/tags/production"),
      rules: { creation: true, update: true, deletion: true },
      bypassActors: onlyApp(deployApp),
    },
    "version-tags": {
      name: "version tags: never moved",
      target: "tag",
      conditions: refs("refs/tags/v*"),
      rules: { update: true, deletion: true, nonFastForward: true },
    },
    manifests: {
      name: "manifests: written by deployments alone",
      target: "branch",
      conditions: refs("refs/heads/manifests/**"),
      rules: { creation: true, update: true, deletion: true, nonFastForward: true },
      bypassActors: onlyApp(deployApp),
    },
  };
}
