import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expressionsIn, jobs, namesFrom, needsOf, root, setupInputs, steps, workflows } from "./workflows.ts";

const looking = { contents: "read", "id-token": "write", "pull-requests": "write", checks: "write" };

/** What the deployment asks for whose jobs these start: each of them takes only its own part of it. */
const calling = { contents: "read", "id-token": "write", actions: "write", attestations: "write" };

/** Every permission of every job. What is not here is not given, and a new one is a decision that this table shows. */
const permissions: Record<string, Record<string, string>> = {
  "deploy.yml: route": { contents: "read" },
  "deploy.yml: hand-over": { actions: "write" },
  "deploy.yml: operations": { contents: "read", "id-token": "write" },
  "deploy.yml: up": { contents: "read", "id-token": "write" },
  "deploy.yml: promote": { contents: "read", "id-token": "write" },
  "deploy.yml: images": { contents: "read", "id-token": "write", attestations: "write" },
  "deploy.yml: automatic": { contents: "read", "id-token": "write" },
  "deploy.yml: reconcile": { contents: "read", "id-token": "write" },
  "deploy.yml: ephemeral": { contents: "read", "id-token": "write" },
  "preview.yml: request": looking,
  "preview.yml: look": { contents: "read", "id-token": "write" },
  "pull-request.yml: affected": { contents: "read", "pull-requests": "read" },
  "pull-request.yml: platform": { contents: "read" },
  "pull-request.yml: workloads": { contents: "read" },
  "pull-request.yml: coverage": { contents: "read", "id-token": "write" },
  "pull-request.yml: images": { contents: "read" },
  "pull-request.yml: model": { contents: "read" },
  "pull-request.yml: streams": { contents: "read" },
  "pull-request.yml: findings": { contents: "read", "security-events": "write" },
  "pull-request.yml: preview": looking,
  "pull-request.yml: gate": {},
  "scheduled.yml: monitor": looking,
  "scheduled.yml: backup": looking,
  "scheduled.yml: drift": looking,
  "scheduled.yml: reconcile": calling,
  "scheduled.yml: secrets": { contents: "read" },
  "scheduled.yml: promote": calling,
  "scheduled.yml: sweep": calling,
};

describe("permissions", () => {
  it("are none for a workflow, and for each job those that the table names", () => {
    for (const [file, { permissions: all }] of workflows) assert.deepEqual(all, {}, file);
    assert.deepEqual(Object.fromEntries(jobs.map(({ at, job }) => [at, job.permissions])), permissions);
  });

  it("let a called workflow have what its jobs ask for and no more: GitHub refuses to start it with less", () => {
    const calling = jobs.filter(({ job }) => job.uses !== undefined);
    assert.equal(calling.length, 7);
    for (const { at, job } of calling) {
      const file = job.uses?.split("@")[0]?.split("/").at(-1) ?? "";
      const wanted = jobs.filter((one) => one.file === file).map(({ job: called }) => called.permissions ?? {});
      assert.ok(wanted.length > 0, at);
      assert.deepEqual(job.permissions, Object.assign({}, ...wanted), at);
    }
  });

  it("give no job of a request a token to write contents with, and forks no token at all", () => {
    const ofRequests = jobs.filter(({ file, job }) => file === "pull-request.yml" && job.permissions?.["id-token"]);
    assert.deepEqual(
      ofRequests.map(({ key }) => key),
      ["coverage", "preview"],
    );
    for (const { job } of ofRequests)
      assert.match(job.if ?? "", /head\.repo\.full_name == github\.repository/u, "only requests of this repository");
    assert.ok(jobs.every(({ job }) => job.permissions?.["contents"] !== "write"));
  });

  it("run nothing of a request beside the token that Codecov takes, and let Codecov fail nothing", () => {
    const { if: condition, steps: all = [] } = jobs.find(({ at }) => at === "pull-request.yml: coverage")?.job ?? {};
    assert.match(condition ?? "", /vars\.SLIPWAY_CODECOV == 'true'/u);
    const [checkout, ...others] = all;
    assert.match(checkout?.uses ?? "", /^actions\/checkout@/u);
    assert.deepEqual(
      others.map(({ uses, run, "continue-on-error": forgiven }) => [uses?.split("@")[0], run, forgiven]),
      [
        ["actions/download-artifact", undefined, true],
        ["codecov/codecov-action", undefined, true],
      ],
    );
    assert.deepEqual(others[1]?.with, { use_oidc: true, directory: "coverage", fail_ci_if_error: false });
  });
});

describe("actions", () => {
  const used = steps.flatMap(({ at, step }) => (step.uses === undefined ? [] : [{ at, uses: step.uses }]));

  /** What the repository's settings let in, beside GitHub's own. */
  const letIn = readFileSync(join(root, "components/delivery/github/github-delivery.ts"), "utf8");

  it("are GitHub's own, by commit, or this checkout's, and Codecov's where the repository wants it", () => {
    assert.ok(used.length > 40);
    for (const { at, uses } of used) {
      if (uses === "./.github/actions/setup") continue;
      const codecov = at.startsWith("pull-request.yml: coverage") ? "|codecov\\/codecov-action" : "";
      assert.match(uses, new RegExp(`^(?:(?:actions|github)\\/[\\w/-]+${codecov})@[0-9a-f]{40}$`, "u"), at);
    }
    assert.match(letIn, /githubOwnedAllowed: true/u);
    assert.match(letIn, /shaPinningRequired: true/u);
  });

  it("name one commit and one version each, everywhere", () => {
    const files = readdirSync(join(root, ".github"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".yml"),
    );
    const text = files.map((file) => readFileSync(join(root, ".github", file), "utf8")).join("\n");
    const pins = new Map<string, Set<string>>();
    for (const [, action = "", pin = ""] of text.matchAll(/uses: ([\w./-]+)@([0-9a-f]{40}.*)$/gmu)) {
      assert.match(pin, /^[0-9a-f]{40} # v\d+\.\d+\.\d+$/u, action);
      pins.set(action, (pins.get(action) ?? new Set()).add(pin));
    }
    assert.deepEqual(
      [...pins.values()].map(({ size }) => size),
      [...pins].map(() => 1),
    );
  });

  it("leave no token in a checkout, and get no input that the composite action does not have", () => {
    for (const { at, step } of steps.filter(({ step: one }) => one.uses?.startsWith("actions/checkout@")))
      assert.equal(step.with?.["persist-credentials"], false, at);
    for (const { at, step } of steps.filter(({ step: one }) => one.uses === "./.github/actions/setup"))
      for (const input of Object.keys(step.with ?? {})) assert.ok(setupInputs.includes(input), `${at}: ${input}`);
  });

  it("keep packages between runs nowhere but in checks of requests", () => {
    const keeping = steps.filter(({ step }) => step.with?.["cache"] === "true").map(({ at }) => at);
    assert.ok(keeping.length > 0 && keeping.every((at) => at.startsWith("pull-request.yml")));
  });
});

describe("shells of workflows", () => {
  it("hold no expression: whatever comes from outside arrives as a variable", () => {
    for (const { at, step } of steps) assert.deepEqual(expressionsIn(step.run ?? ""), [], at);
  });

  it("quote every variable", () => {
    const bare = /(?<!["\w=])\$(?:[A-Z_]+|\{[A-Z_]+\})(?!["\w])/u;
    for (const { at, step } of steps)
      for (const line of (step.run ?? "").split("\n")) {
        // Inside of double quotes nothing is split.
        const outside = line.replaceAll(/"[^"]*"/gu, '""').replaceAll(/'[^']*'/gu, "''");
        assert.doesNotMatch(outside, bare, `${at}: ${line}`);
      }
  });

  it("get nothing of a request that its author writes, save commits and numbers", () => {
    const fine = [
      /^github\.event\.pull_request\.(?:number|base\.sha|head\.repo\.full_name)\b/u,
      /^github\.event\.(?:before|schedule)\b/u,
    ];
    const taken = jobs.flatMap(({ at, job }) =>
      [...JSON.stringify(job).matchAll(/github\.(?:event\.[\w.]+|head_ref)/gu)].map(([name]) => ({ at, name })),
    );
    assert.ok(taken.length > 0);
    for (const { at, name } of taken)
      assert.ok(
        fine.some((one) => one.test(name)),
        `${at}: ${name}`,
      );
  });
});

describe("secrets", () => {
  it("reach only steps of jobs that an environment guards", () => {
    for (const { at, job, step } of steps)
      if (namesFrom("secrets", step).length > 0) assert.ok(job?.environment, `${at} has no environment`);
    for (const { at, job } of jobs) assert.deepEqual(namesFrom("secrets", job.env ?? {}), [], at);
    for (const [file, { env }] of workflows) assert.deepEqual(namesFrom("secrets", env ?? {}), [], file);
  });

  it("are no long-lived keys of AWS", () => {
    assert.ok(namesFrom("secrets", [...workflows.values()]).every((name) => !name.startsWith("AWS")));
  });
});

describe("jobs", () => {
  it("end by themselves, on a version of the runner that is named", () => {
    for (const { at, job } of jobs.filter(({ job: one }) => one.uses === undefined)) {
      assert.ok((job["timeout-minutes"] ?? 0) > 0, at);
      assert.equal(job["runs-on"], "ubuntu-24.04", at);
    }
  });

  it("that change an environment wait in its queue, and nothing ends them", () => {
    const changing = jobs.filter(({ file, job }) => file === "deploy.yml" && job.environment !== undefined);
    assert.deepEqual(
      changing.map(({ key }) => key),
      ["operations", "images", "up", "promote", "automatic", "reconcile", "ephemeral"],
    );
    for (const { at, key, job } of changing) {
      const { environment, concurrency } = job;
      // Stacks of pull requests are none of dev's, whose role makes them.
      const group = key === "ephemeral" ? "deploy-ephemeral" : `deploy-${environment}`;
      assert.deepEqual(concurrency, { group, queue: "max", "cancel-in-progress": false }, at);
    }
  });

  it("are ended for newer ones in requests alone, where nothing is changed", () => {
    const cancelling = [...workflows].filter(([, { concurrency }]) => concurrency?.["cancel-in-progress"] === true);
    assert.deepEqual(
      cancelling.map(([file]) => file),
      ["pull-request.yml"],
    );
    assert.ok(jobs.every(({ job }) => job.concurrency?.["cancel-in-progress"] !== true));
  });

  it("need jobs that are there", () => {
    for (const { at, file, job } of jobs)
      for (const need of needsOf(job)) assert.ok(workflows.get(file)?.jobs[need], `${at} needs ${need}`);
  });
});
