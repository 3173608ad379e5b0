/** Who tries to take a role on: the claims of a token, and whether that is to work. */
export interface Attempt {
  title: string;
  stack: "operations" | "dev" | "staging" | "prod";
  role: "slipway-deploy" | "slipway-preview";
  claims: Readonly<Record<string, string>>;
  may: boolean;
}

type Stack = Attempt["stack"];
type Claims = Attempt["claims"];

const workflow = (file: string, ref: string) => `slipway/slipway/.github/workflows/${file}.yml@${ref}`;
const main = "refs/heads/main";

function token(context: string, environment: string | undefined, file: string): Record<string, string> {
  return {
    aud: "sts.amazonaws.com",
    sub: `repo:slipway/slipway:${context}`,
    repository: "slipway/slipway",
    repository_id: "400500600",
    job_workflow_ref: workflow(file, main),
    ...(environment !== undefined && { environment }),
  };
}

const deployOf = (stack: Stack) => token(`environment:${stack}`, stack, "deploy");
const previewOf = (stack: Stack) => token(`environment:${stack}-preview`, `${stack}-preview`, "preview");
const pullRequest = token("pull_request", undefined, "preview");
const immutable = (claims: Claims) => ({
  ...claims,
  sub: String(claims.sub).replace("repo:slipway/slipway:", "repo:slipway@100200300/slipway@400500600:"),
});

function without(claims: Claims, claim: string): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => name !== claim));
}

/** A token that is right in all but one claim. */
function wrong(stack: Stack): [title: string, claims: Claims][] {
  const right = deployOf(stack);
  const next = stack === "prod" ? "dev" : "prod";
  return [
    ["a job of a pull request", { ...pullRequest, job_workflow_ref: workflow("deploy", main) }],
    ["a pull request that says it is of the environment", { ...right, sub: "repo:slipway/slipway:pull_request" }],
    ["another environment", deployOf(next)],
    ["another environment's subject", { ...right, sub: deployOf(next).sub ?? "" }],
    ["another environment's claim", { ...right, environment: next }],
    ["the environment of the preview", { ...previewOf(stack), job_workflow_ref: workflow("deploy", main) }],
    ["a repository of the same name with another id", { ...right, repository_id: "1" }],
    ["a repository of that id in the subject only", { ...immutable(right), repository_id: "1" }],
    [
      "an owner of the same name with another id",
      { ...right, sub: `repo:slipway@1/slipway@400500600:environment:${stack}` },
    ],
    ["a repository with a longer name", { ...right, sub: `repo:slipway/slipway-evil:environment:${stack}` }],
    ["another workflow file", { ...right, job_workflow_ref: workflow("ci", main) }],
    ["the workflow of the preview", { ...right, job_workflow_ref: workflow("preview", main) }],
    ["another branch", { ...right, job_workflow_ref: workflow("deploy", "refs/heads/feature") }],
    ["a tag that nobody named", { ...right, job_workflow_ref: workflow("deploy", "refs/tags/v1") }],
    [
      "a workflow of another repository",
      { ...right, job_workflow_ref: `evil/evil/.github/workflows/deploy.yml@${main}` },
    ],
    ["another audience", { ...right, aud: "https://github.com/slipway" }],
    ["a branch in the place of an environment", { ...right, sub: `repo:slipway/slipway:ref:${main}` }],
    ["a wildcard", { ...right, sub: "repo:*" }],
    ...["aud", "sub", "repository_id", "environment", "job_workflow_ref"].map((claim): [string, Claims] => [
      `no ${claim}`,
      without(right, claim),
    ]),
  ];
}

function attemptsAt(stack: Stack): Attempt[] {
  const deploy = (title: string, claims: Claims, may: boolean): Attempt => ({
    ...{ title, stack, claims, may },
    role: "slipway-deploy",
  });
  const preview = (title: string, claims: Claims, may: boolean): Attempt => ({
    ...{ title, stack, claims, may },
    role: "slipway-preview",
  });
  return [
    deploy("a job of the environment", deployOf(stack), true),
    deploy("a job of the environment, with ids in its subject", immutable(deployOf(stack)), true),
    ...wrong(stack).map(([title, claims]) => deploy(title, claims, false)),
    preview("a job of the environment's preview", previewOf(stack), true),
    preview("a job of the environment's preview, with ids", immutable(previewOf(stack)), true),
    preview("a pull request", pullRequest, stack === "dev"),
    preview("a pull request, with ids", immutable(pullRequest), stack === "dev"),
    preview(
      "a pull request that brings its own workflow",
      {
        ...pullRequest,
        job_workflow_ref: workflow("preview", "refs/pull/7/merge"),
      },
      false,
    ),
    preview("a pull request of another repository", { ...pullRequest, repository_id: "1" }, false),
    preview("a job that deploys", deployOf(stack), false),
  ];
}

export const attempts: readonly Attempt[] = [
  ...(["operations", "dev", "staging", "prod"] as const).flatMap(attemptsAt),
  {
    title: "the moved tag of the environment",
    ...{ stack: "prod", role: "slipway-deploy", may: true },
    claims: { ...deployOf("prod"), job_workflow_ref: workflow("deploy", "refs/tags/prod") },
  },
  {
    title: "the tag of another environment",
    ...{ stack: "prod", role: "slipway-deploy", may: false },
    claims: { ...deployOf("prod"), job_workflow_ref: workflow("deploy", "refs/tags/staging") },
  },
];
