import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { bindPlan } from "../automation/plans/bind.ts";
import { sealEnvelope } from "../automation/plans/envelope.ts";
import { collectInputs, type PlanSource } from "../automation/plans/inputs.ts";
import { writeEnvelope } from "../automation/plans/plan-file.ts";
import { measure, median } from "./measure.ts";
import { checkout } from "./project.ts";
import type { Row } from "./report.ts";

const rounds = 15;
const resources = 500;
const budget = 200;

/** As large as the state of a whole platform: names, inputs and outputs of `resources` resources. */
const state = (): string =>
  JSON.stringify({
    version: 3,
    checkpoint: {
      latest: {
        resources: Array.from({ length: resources }, (_, index) => ({
          urn: `urn:pulumi:dev::slipway::aws:s3/bucket:Bucket::bucket-${index}`,
          type: "aws:s3/bucket:Bucket",
          id: `bucket-${index}`,
          inputs: { bucket: `bucket-${index}`, tags: { owner: "platform", index: String(index) } },
          outputs: { arn: `arn:aws:s3:::bucket-${index}`, tags: { owner: "platform" }, text: "x".repeat(500) },
        })),
      },
    },
  });

/** A plan for every one of them. */
const plan = (): string =>
  JSON.stringify({
    resourcePlans: Object.fromEntries(
      Array.from({ length: resources }, (_, index) => [
        `urn:pulumi:dev::slipway::aws:s3/bucket:Bucket::bucket-${index}`,
        { goal: { type: "aws:s3/bucket:Bucket", name: `bucket-${index}`, inputDiff: {} }, steps: ["same"] },
      ]),
    ),
  });

/** What the comparison of a saved plan with the present costs: in a driver that runs, and as a refusal from the shell and back. */
export async function planCheck(): Promise<Row[]> {
  const home = await mkdtemp(path.join(tmpdir(), "slipway-bench-plans-"));
  const root = path.join(home, "project");
  try {
    const source = await copyOfCheckout(root, home);
    const subject = { stack: "dev", workDir: root };
    const inputs = await collectInputs(source, subject);
    const content = { stack: "dev", inputs, plan: plan(), lifetime: 60_000 * 60 };
    const file = await writeEnvelope(path.join(home, "plan.json"), sealEnvelope({ ...content, now: new Date() }));
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      await bindPlan(source, subject, { file, now: () => new Date() });
      times.push(performance.now() - start);
    }
    return [
      {
        name: `saved plan of ${resources} resources compared with its eight inputs`,
        value: median(times),
        unit: "ms",
        target: budget,
        detail: `${rounds} rounds, the slowest ${Math.max(...times).toFixed(0)} ms; no CLI start`,
      },
      await refusal(root, file),
    ];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function refusal(root: string, file: string): Promise<Row> {
  await writeFile(path.join(root, "index.ts"), "// another program\n");
  const command = `"${process.execPath}" automation/main.ts up dev --sandbox --plan "${file}"; test $? -eq 22`;
  const bare = `"${process.execPath}" automation/main.ts status --sandbox`;
  const seconds = { refused: [] as number[], bare: [] as number[] };
  for (let round = 0; round < 5; round += 1) {
    seconds.bare.push((await shell(root, bare)).seconds);
    seconds.refused.push((await shell(root, command)).seconds);
  }
  const [refused, status] = [median(seconds.refused), median(seconds.bare)];
  return {
    name: "a stale plan refused, against `status`",
    value: refused / status,
    unit: "ratio",
    detail: `${refused.toFixed(2)} s against ${status.toFixed(2)} s, Node's start included`,
  };
}

const shell = (cwd: string, command: string) =>
  measure({ command: "sh", args: ["-c", command], cwd, environment: process.env });

/** The tracked files in a repository of their own, so that nothing of this checkout is touched. */
async function copyOfCheckout(root: string, home: string): Promise<PlanSource> {
  const listing = execFileSync("git", ["ls-files", "-z"], { cwd: checkout, encoding: "utf8" });
  for (const file of listing.split("\0").filter((name) => name !== "")) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await cp(path.join(checkout, file), path.join(root, file), { verbatimSymlinks: true }).catch(() => undefined);
  }
  await symlink(path.join(checkout, "node_modules"), path.join(root, "node_modules"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Bench", "-c", "user.email=bench@example.com", ...args], { cwd: root });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "all");
  const stacks = path.join(home, "state", ".pulumi", "stacks", "slipway");
  await mkdir(stacks, { recursive: true });
  await writeFile(path.join(stacks, "dev.json"), state());
  const environment = { PULUMI_BACKEND_URL: `file://${path.join(home, "state")}` };
  return { environment, sandbox: {}, cli: () => Promise.reject(new Error("the CLI was started")) };
}
