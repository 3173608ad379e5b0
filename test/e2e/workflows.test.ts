import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCheckout, type Checkout } from "../support/checkout.ts";
import { workflow, type Job } from "../workflows/workflows.ts";

interface Ended {
  code: number;
  said: string;
  outputs: Record<string, string>;
}

/** The steps of the workflows as they are written, in the sandbox: what a runner does with them, without a runner. */
describe("workflows in the sandbox", function () {
  this.timeout(900_000);
  let checkout: Checkout;
  let folder = "";
  const deploy = workflow("deploy.yml").jobs;
  const preview = workflow("preview.yml").jobs;
  const commit = () => checkout.git("rev-parse", "HEAD");

  const script = (job: Job | undefined, holds: string): string => {
    const run = job?.steps?.find((step) => step.run?.includes(holds))?.run;
    assert.ok(run, `a step with ${holds}`);
    return run;
  };

  async function bash(text: string, env: Record<string, string>): Promise<Ended> {
    const file = join(folder, "output");
    await writeFile(file, "");
    const options = { cwd: checkout.root, env: { ...checkout.environment, GITHUB_OUTPUT: file, ...env } };
    const ended = await new Promise<Pick<Ended, "code" | "said">>((resolve) => {
      execFile("bash", ["-eo", "pipefail", "-c", text], { ...options, encoding: "utf8" }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, said: `${stdout}${stderr}` }),
      );
    });
    const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
    const outputs = lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
    return { ...ended, outputs: Object.fromEntries(outputs) as Record<string, string> };
  }

  const runs = async (text: string, env: Record<string, string> = {}): Promise<Ended> => {
    const ended = await bash(text, env);
    assert.equal(ended.code, 0, ended.said);
    return ended;
  };

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "slipway-runner-")));
    checkout = await makeCheckout({ delivery: true });
    assert.equal((await checkout.slipway("up", "operations")).code, 0);
  });
  after(async () => {
    await checkout.remove();
    await rm(folder, { recursive: true });
  });

  it("a push to main is routed, and brings dev up with one release", async () => {
    const event = { GITHUB_EVENT_NAME: "push", GITHUB_REF_TYPE: "branch", GITHUB_REF_NAME: "main" };
    const { outputs } = await runs(script(deploy["route"], "ci route"), event);
    assert.deepEqual(JSON.parse(outputs["up"] ?? ""), ["dev"]);
    assert.equal(outputs["automatic"], "[]");
    assert.equal(outputs["app"], "700800");
    const affected = await runs(script(deploy["route"], "ci affected"), { BASE: "HEAD" });
    assert.equal(affected.outputs["stacks"], "[]");
    await runs(script(deploy["up"], "slipway build"));
    await runs(script(deploy["up"], "slipway up"), { ENVIRONMENT: "dev" });
  });

  it("a dispatch promotes what main is at", async () => {
    const event = { GITHUB_EVENT_NAME: "workflow_dispatch", GITHUB_SHA: await commit() };
    const asked = { SLIPWAY_TASK: "deploy", SLIPWAY_ENVIRONMENT: "staging" };
    const { outputs } = await runs(script(deploy["route"], "ci route"), { ...event, ...asked });
    const env = { ENVIRONMENT: outputs["promote"] ?? "", COMMIT: outputs["commit"] ?? "", TAG: "", ROLLBACK: "" };
    await runs(script(deploy["promote"], "slipway promote"), env);
    const { json } = await checkout.slipway("status", "--json");
    const staging = json.environments.find(({ environment }) => environment === "staging");
    assert.equal(staging?.current?.commit, await commit());
  });

  it("the tag that the promotion moved starts it again, which changes nothing", async () => {
    const event = { GITHUB_EVENT_NAME: "push", GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: "staging" };
    const { outputs } = await runs(script(deploy["route"], "ci route"), event);
    assert.deepEqual([outputs["promote"], outputs["tag"], outputs["hand-over"]], ["staging", "staging", "false"]);
    const env = { ENVIRONMENT: "staging", TAG: outputs["tag"] ?? "", COMMIT: "", ROLLBACK: "" };
    const { said } = await runs(script(deploy["promote"], "slipway promote"), env);
    assert.match(said, /staging already runs release .*: nothing changed/u);
  });

  it("an automatic promotion that the policy does not want is not yet, and no failure", async () => {
    const { said } = await runs(script(deploy["automatic"], "--automatic"), { ENVIRONMENT: "prod" });
    assert.match(said, /::notice title=prod::not yet/u);
    const { json } = await checkout.slipway("history", "prod", "--json");
    assert.deepEqual(
      json.records.filter(({ kind }) => kind === "promoted"),
      [],
    );
  });

  it("a schedule finds no drift where there is none", async () => {
    await runs(script(preview["look"], "slipway drift"), { STACK: "dev" });
  });

  it("a request is previewed and told, also with a token that may do nothing", async () => {
    const event = join(folder, "event.json");
    const repository = { full_name: "slipway/slipway" };
    const request = { number: 7, head: { sha: await commit(), repo: repository }, base: { sha: await commit() } };
    await writeFile(event, JSON.stringify({ pull_request: request, repository }));
    const summary = join(folder, "summary.md");
    const env = {
      ...{ GITHUB_EVENT_NAME: "pull_request", GITHUB_EVENT_PATH: event, GITHUB_STEP_SUMMARY: summary },
      ...{ GITHUB_REPOSITORY: "slipway/slipway", GITHUB_RUN_ID: "1", GITHUB_RUN_NUMBER: "1", GITHUB_RUN_ATTEMPT: "1" },
    };
    await runs(script(preview["request"], "slipway preview"), { ...env, BASE: "HEAD" });
    await runs(script(preview["request"], "slipway comment"), env);
    assert.notEqual(await readFile(summary, "utf8"), "");
  });
});
