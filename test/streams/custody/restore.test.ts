import assert from "node:assert/strict";
import { ExitCode } from "../../../automation/errors.ts";
import { atlasStreams } from "../../../automation/streams/atlas/client.ts";
import type { AtlasStreams } from "../../../automation/streams/atlas/types.ts";
import { backupOf, readWorkspace } from "../../../automation/streams/custody/backup.ts";
import type { Backup } from "../../../automation/streams/custody/backup-document.ts";
import { planRestore } from "../../../automation/streams/custody/restore-plan.ts";
import { missingVariables, readThere, restore, shownStep } from "../../../automation/streams/custody/restore.ts";
import { atlasApiVariables } from "../../../sandbox/atlas/index.ts";
import { failsWith } from "../../git/throw-away.ts";
import { openAtlasLab, pipelineOf, project, type AtlasLab } from "../../sandbox/atlas/atlas-lab.ts";

describe("restore of a workspace", () => {
  let lab: AtlasLab;
  beforeEach(async () => {
    lab = await openAtlasLab();
    lab.sample("shop.store.carts", [
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ]);
    const processors: readonly [string, unknown[]][] = [
      ["orders", pipelineOf({ $match: { amount: { $gt: 5 } } })],
      ["carts", [{ $source: { connectionName: "shop", db: "store", coll: "carts" } }, ...pipelineOf().slice(1)]],
    ];
    for (const [name, pipeline] of processors)
      await lab.call("POST", "/streams/flow/processor", { name, pipeline, tier: "SP10" });
    for (const [name] of processors) await lab.call("POST", `/streams/flow/processor/${name}:start`);
    lab.pass(5000);
  });
  afterEach(() => lab.close());

  const client = (workspace = "flow"): AtlasStreams =>
    atlasStreams({ place: { projectId: project, workspace }, environment: atlasApiVariables(lab.api.endpoint) });

  const take = async (workspace?: string): Promise<Backup> =>
    backupOf({
      ...(await readWorkspace(client(workspace))),
      ...{ environment: "prod", takenAt: new Date("2026-03-01T00:00:05Z"), release: null, declared: new Map() },
    });

  const options = (environment: Record<string, string> = {}, replace = false) => ({
    ...{
      replace,
      variables: { settings: {}, environment },
      signal: new AbortController().signal,
      timeoutMs: 10_000,
      pollMs: 1,
    },
    // Waiting is what makes time pass here.
    say: () => void lab.pass(1000),
  });

  const password = { EVENTS_AUTHENTICATION_PASSWORD: "hush again" };

  const planFor = async (backup: Backup, to: AtlasStreams, replace = false) =>
    planRestore(backup, await readThere(to), { replace });

  it("does nothing where everything is as it was", async () => {
    assert.deepEqual(await planFor(await take(), client()), { steps: [], conflicts: [], extra: [], warnings: [] });
  });

  it("starts what was stopped, from its own checkpoint", async () => {
    const backup = await take();
    await client().stopProcessor("orders");
    const before = (await client().processor("orders"))?.stats.inputMessageCount ?? 0;
    const plan = await planFor(backup, client());
    assert.deepEqual(plan.steps.map(shownStep), ["start processor orders"]);
    await restore(client(), backup, plan, options());
    const now = await client().processor("orders");
    assert.equal(now?.state, "STARTED");
    assert.ok((now?.stats.inputMessageCount ?? 0) >= before, "it went on");
  });

  it("makes another workspace the same, and a second time has nothing to do", async () => {
    const backup = await take();
    const other = client("copy");
    const plan = await planFor(backup, other);
    assert.deepEqual(plan.steps.map(shownStep), [
      "create workspace",
      ...["create connection events", "create connection shop", "create connection warehouse"],
      ...["create processor carts", "start processor carts", "create processor orders", "start processor orders"],
    ]);
    assert.match(plan.warnings.join(), /what still runs in flow writes to the same collections/);
    await restore(other, backup, plan, options(password));
    assert.deepEqual((await planFor(backup, other)).steps, []);
    const copied = await take("copy");
    const definitions = ({ processors }: Backup) => processors.map(({ name, state, tier }) => [name, state, tier]);
    assert.deepEqual(definitions(copied), definitions(backup));
    assert.deepEqual(copied.connections, backup.connections);
  });

  it("goes on after the change at which the backup was taken, and says what is read again", async () => {
    const backup = await take();
    const carts = backup.processors.find(({ name }) => name === "carts") ?? assert.fail();
    assert.ok(carts.position.resumeToken !== undefined);
    const plan = await planFor(backup, client("copy"));
    const step = plan.steps.find((one) => one.do === "create-processor" && one.name === "carts");
    assert.ok(step?.do === "create-processor");
    assert.match(step.begins, /after the last change of the backup/);
    assert.deepEqual((JSON.parse(step.text) as object[])[0], {
      $source: {
        connectionName: "shop",
        db: "store",
        coll: "carts",
        config: { startAfter: carts.position.resumeToken },
      },
    });
    assert.match(step.effects.join(), /after 2026-03-01T00:00:05\.000Z are read again/);
  });

  it("writes nothing where a secret is missing, and names every one", async () => {
    const backup = await take();
    const plan = await planFor(backup, client("copy"));
    assert.deepEqual(missingVariables(backup, plan, { settings: {}, environment: {} }), [
      "EVENTS_AUTHENTICATION_PASSWORD",
    ]);
    await assert.rejects(
      restore(client("copy"), backup, plan, options()),
      failsWith(ExitCode.usage, /EVENTS_AUTHENTICATION_PASSWORD/),
    );
    assert.equal(await client("copy").workspace(), undefined);
  });

  it("goes on where it was interrupted", async () => {
    const backup = await take();
    const other = client("copy");
    const plan = await planFor(backup, other);
    let calls = 0;
    const breaks: AtlasStreams = {
      ...other,
      createProcessor: (processor) => {
        calls += 1;
        return calls > 1 ? Promise.reject(new Error("the line is cut")) : other.createProcessor(processor);
      },
    };
    await assert.rejects(restore(breaks, backup, plan, options(password)), /the line is cut/);
    const rest = await planFor(backup, other);
    assert.deepEqual(rest.steps.map(shownStep), ["create processor orders", "start processor orders"]);
    await restore(other, backup, rest, options(password));
    assert.deepEqual((await planFor(backup, other)).steps, []);
  });

  it("leaves another definition alone, unless somebody says otherwise", async () => {
    const backup = await take();
    await client().stopProcessor("orders");
    await client().modifyProcessor("orders", { pipeline: pipelineOf({ $match: { amount: 3 } }) as never });
    const careful = await planFor(backup, client());
    assert.deepEqual(careful.steps, []);
    assert.deepEqual(careful.conflicts, [
      { what: "processor", name: "orders", message: "it is there with another definition" },
    ]);
    const bold = await planFor(backup, client(), true);
    assert.deepEqual(bold.steps.map(shownStep), ["modify processor orders", "start processor orders"]);
    assert.ok(bold.steps[0]?.do === "modify-processor" && bold.steps[0].resume, "a $match changes in place");
    await restore(client(), backup, bold, options({}, true));
    const digests = ({ processors }: Backup) => processors.map(({ digest }) => digest);
    assert.deepEqual(digests(await take()), digests(backup));
  });

  it("leaves a connection that leads elsewhere alone, unless somebody says otherwise", async () => {
    const backup = await take();
    for (const name of ["orders", "carts"]) await client().stopProcessor(name);
    await client().updateConnection("shop", { name: "shop", type: "Cluster", clusterName: "elsewhere" });
    const careful = await planFor(backup, client());
    assert.deepEqual(
      careful.conflicts.map(({ what, name }) => [what, name]),
      [["connection", "shop"]],
    );
    const bold = await planFor(backup, client(), true);
    assert.equal(bold.steps[0] && shownStep(bold.steps[0]), "update connection shop");
    await restore(client(), backup, bold, options({}, true));
    assert.deepEqual((await take()).connections, backup.connections);
  });

  it("does not move a workspace", async () => {
    const backup = await take();
    const moved = { ...backup, workspace: { ...backup.workspace, region: "DUBLIN_IRL" } };
    const { steps, conflicts } = await planFor(moved, client());
    assert.deepEqual(steps, []);
    assert.match(conflicts[0]?.message ?? "", /VIRGINIA_USA, and was in AWS DUBLIN_IRL/);
  });

  it("keeps what came since, and says so", async () => {
    const backup = await take();
    await lab.call("POST", "/streams/flow/processor", { name: "later", pipeline: pipelineOf() });
    assert.deepEqual((await planFor(backup, client())).extra, ["later"]);
  });

  it("says that it did not work where Atlas ends up otherwise", async () => {
    const backup = await take();
    await client().stopProcessor("orders");
    const plan = await planFor(backup, client());
    await assert.rejects(
      restore(client(), backup, { ...plan, steps: [] }, options()),
      failsWith(ExitCode.verificationFailed, /start processor orders/),
    );
  });
});
