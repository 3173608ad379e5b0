import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { readLook } from "../../automation/drift/look.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { Cloud, environmentOf, prepareSandbox } from "../../sandbox/index.ts";
import { makeCheckout, type Checkout, type DriverRun } from "../support/checkout.ts";
import { answers, receive, type Receiver } from "../notify/receiver.ts";

const CANARY = "canary-5d41402abc4b";
const CLEAN_RUNS = 10;

interface Finding {
  class: string;
  name: string;
  properties?: { path: string; recorded?: string; found?: string }[] | string[];
}

/** The members of `drift --json` that these tests look at. */
interface DriftJson {
  stacks: { stack: string; exitCode: number; findings: Finding[]; recorded?: boolean }[];
}

const json = <T>({ stdout }: DriverRun): T => JSON.parse(stdout) as T;
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

/** Saved plans and drift on the real engine, with a secret on its way through all of it. The tests build on each other. */
describe("plans and drift of a stack that holds a secret", function () {
  this.timeout(240_000);
  let checkout: Checkout;
  let receiver: Receiver;
  let sandbox: string;
  let plan: string;
  /** All that was said to anybody. */
  const said: string[] = [];

  const slipway = async (...args: string[]): Promise<DriverRun> => {
    const run = await checkout.slipwayWith({ SLIPWAY_SLACK_WEBHOOK: receiver.url }, ...args);
    said.push(`$ ${args.join(" ")}\n${run.stdout}\n${run.stderr}`);
    return run;
  };
  const drift = async (...args: string[]) => {
    const run = await slipway("drift", "operations", "--json", ...args);
    return { ...run, findings: json<DriftJson>(run).stacks[0]?.findings ?? [] };
  };
  const state = () => readFileSync(join(sandbox, "state/.pulumi/stacks/slipway/operations.json"), "utf8");
  const cloud = () => {
    const open = new Cloud(sandbox);
    try {
      return JSON.stringify(open.list().map(({ id, outputs }) => [id, outputs]));
    } finally {
      open.close();
    }
  };

  before(async () => {
    receiver = await receive(answers.ok);
    checkout = await makeCheckout();
    sandbox = join(checkout.root, ".sandbox");
    plan = join(checkout.root, ".sandbox", "plan.json");
    addCanary(checkout.root);
    const prepared = await prepareSandbox({ root: checkout.root, directory: sandbox, node: process.execPath });
    await prepared.ensureStack("operations");
    addSecret(checkout, sandbox);
    await checkout.git("commit", "--quiet", "--all", "--message", "feat: a secret");
    await checkout.slipway(
      ...["sandbox", "fault", "error", "--type", "aws:ssm/*", "--operation", "create"],
      ...["--message", `the value ${CANARY} is refused`],
    );
  });
  after(async () => {
    await receiver.close();
    await checkout.remove();
  });

  it("saves a plan for its owner alone, and shows it without starting anything", async () => {
    const preview = await slipway("preview", "operations", "--save-plan", plan, "--json");
    assert.equal(preview.code, 0, preview.stderr);
    const { digest } = json<{ plan: { digest: string } }>(preview).plan;
    assert.equal(statSync(plan).mode & 0o777, 0o600);
    const again = await slipway("preview", "operations", "--json");
    assert.equal(json<{ plan: { digest: string } }>(again).plan.digest, digest);
    const shown = await slipway("plan", "show", plan);
    assert.match(shown.stdout, new RegExp(`digest +${digest}`));
    assert.match(shown.stdout, /\+ +canary aws:ssm\/parameter:Parameter \[.*value.*\]/);
    assert.equal((await slipway("plan", "show", plan, "--json")).code, 0);
  });

  it("refuses it after a commit and touches nothing", async () => {
    await checkout.git("commit", "--quiet", "--allow-empty", "--message", "chore: later");
    const before = [state(), cloud()];
    const refused = await slipway("up", "operations", "--plan", plan, "--json");
    assert.equal(refused.code, 22, refused.stderr);
    assert.match(refused.json.error.message, /the commit changed \([0-9a-f]{12} -> [0-9a-f]{12}\)\.$/);
    assert.deepEqual([state(), cloud()], before);
    await slipway("preview", "operations", "--save-plan", plan);
  });

  it("keeps to it, and names it in the record", async () => {
    const failed = await slipway("up", "operations", "--plan", plan);
    assert.equal(failed.code, 4, failed.stderr);
    assert.match(failed.stderr, /the value \[secret\] is refused/);
    const stale = await slipway("up", "operations", "--plan", plan);
    assert.equal(stale.code, 22);
    assert.match(stale.stderr, /the state changed/);
    await slipway("preview", "operations", "--save-plan", plan);
    const up = await slipway("up", "operations", "--plan", plan, "--json");
    assert.equal(up.code, 0, up.stderr);
    const records = filesBelow(join(sandbox, "store", "ledger")).map((file) => readFileSync(file, "utf8"));
    const { planDigest } = JSON.parse(readFileSync(plan, "utf8")) as { planDigest: string };
    assert.equal(records.filter((text) => text.includes(`"plan":"${planDigest}"`)).length, 1);
  });

  it(`raises no false alarm in ${CLEAN_RUNS} looks, and changes nothing by looking`, async () => {
    const before = [state(), cloud()];
    for (let look = 1; look <= CLEAN_RUNS; look += 1) {
      const { code, findings, stderr } = await drift();
      assert.deepEqual([code, findings], [0, []], `look ${look}: ${stderr}`);
    }
    assert.deepEqual([state(), cloud()], before);
  });

  it("finds exactly what was changed and deleted outside, and a secret without its value", async () => {
    const tamper = (...args: string[]) => checkout.slipway("sandbox", "drift", ...args);
    await tamper("set", "operations-api-repository", "--set", 'imageTagMutability="MUTABLE"');
    await tamper("set", "canary", "--type", "aws:ssm/parameter:Parameter", "--set", `value="${CANARY}-new"`);
    await tamper("delete", "operations-predict-lifecycle");
    const { code, findings } = await drift();
    assert.equal(code, 7);
    const told = findings.map((each) => [each.class, each.name, each.properties ?? []]);
    assert.deepEqual(told.sort(), [
      ["changed-outside", "canary", [{ path: "value", recorded: "[secret]", found: "[secret]" }]],
      [
        "changed-outside",
        "operations-api-repository",
        [{ path: "imageTagMutability", recorded: '"IMMUTABLE"', found: '"MUTABLE"' }],
      ],
      ["missing-outside", "operations-predict-lifecycle", []],
    ]);
    const text = await slipway("drift", "operations");
    assert.match(text.stdout, /was changed outside: imageTagMutability: "IMMUTABLE" -> "MUTABLE"/);
    assert.match(text.stdout, /next: \.\/slipway drift operations --repair/);
    const look = await readLook(new DirectoryStore(join(sandbox, "store")), "operations");
    assert.deepEqual([look?.total, look?.findings.length], [3, 3]);
  });

  it("repairs it as a deployment, which is recorded", async () => {
    const repaired = await slipway("drift", "operations", "--repair", "--json");
    assert.equal(repaired.code, 0, repaired.stderr);
    assert.equal(json<DriftJson>(repaired).stacks[1]?.recorded, true);
    assert.deepEqual((await drift()).findings, []);
    const history = await slipway("history", "operations", "--json");
    assert.deepEqual(
      history.json.records.slice(0, 2).map(({ kind }) => kind),
      ["verified", "promoted"],
    );
    assert.match(history.stdout, /drift --repair: /);
  });

  it("finds a checkout that is ahead only where it is asked to look here", async () => {
    const file = join(checkout.root, "Pulumi.operations.yaml");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.replace("owner: platform", "owner: somebody"));
    assert.deepEqual((await drift()).findings, []);
    const { code, findings } = await drift("--here");
    writeFileSync(file, before);
    assert.equal(code, 7);
    assert.deepEqual([...new Set(findings.map((each) => each.class))], ["code-ahead"]);
  });

  it("has told people, and nobody the secret", () => {
    const stored = [join(sandbox, "store"), join(sandbox, "logs")].flatMap(filesBelow);
    const places: [string, string][] = [
      ...said.map((text): [string, string] => [text.split("\n")[0] ?? "", text]),
      ...receiver.received.map(({ body }): [string, string] => ["notification", body]),
      ...[plan, ...stored].map((file): [string, string] => [file, readFileSync(file, "utf8")]),
    ];
    for (const [place, text] of places) assert.ok(!text.includes(CANARY), `the secret is in ${place}`);
    const titles = receiver.received.map(({ body }) => body).join("\n");
    for (const word of ["failed in operations", "is in operations", "is verified in operations", "was changed outside"])
      assert.ok(titles.includes(word), `nobody was told: ${word}`);
  });
});

/** A parameter whose value is the secret, beside what the operations stack has anyway. */
function addCanary(root: string): void {
  const file = join(root, "program", "operations.ts");
  const program = readFileSync(file, "utf8");
  const provider = "const provider = awsProvider(settings);";
  assert.ok(program.includes(provider));
  const canary = `
import * as aws from "@pulumi/aws";

function withCanary(provider: aws.Provider): aws.Provider {
  const value = new pulumi.Config("canary").requireSecret("password");
  new aws.ssm.Parameter("canary", { name: "canary", type: "SecureString", value }, { provider });
  return provider;
}
`;
  writeFileSync(file, `${program.replace(provider, "const provider = withCanary(awsProvider(settings));")}${canary}`);
}

/** Encrypted with the sandbox's secrets provider, as a person would do it. */
function addSecret(checkout: Checkout, sandbox: string): void {
  const stackFile = join(checkout.root, "Pulumi.operations.yaml");
  const scratch = join(sandbox, "canary.yaml");
  const salt = /^export const sandboxSalt = "(.*)";$/m.exec(
    readFileSync(join(checkout.root, "sandbox/stack-config.ts"), "utf8"),
  )?.[1];
  writeFileSync(scratch, `encryptionsalt: ${salt}\n`);
  const cli = join(homedir(), ".pulumi/versions/3.259.0/bin/pulumi");
  const args = [
    "config",
    "set",
    "canary:password",
    CANARY,
    "--secret",
    "--stack=operations",
    `--config-file=${scratch}`,
  ];
  execFileSync(cli, [...args, "--non-interactive"], {
    cwd: checkout.root,
    env: { ...checkout.environment, ...environmentOf(sandbox) },
    stdio: "ignore",
  });
  const secure = /secure: (\S+)/.exec(readFileSync(scratch, "utf8"))?.[1];
  assert.ok(secure);
  const text = readFileSync(stackFile, "utf8");
  writeFileSync(stackFile, text.replace(/^config:\n/m, `config:\n  canary:password:\n    secure: ${secure}\n`));
}
