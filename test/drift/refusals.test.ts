import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentPolicy } from "../../config/promotion.ts";
import type { Context } from "../../automation/context.ts";
import { detectDrift, type DriftSubject } from "../../automation/drift/detect.ts";
import { repairDrift } from "../../automation/drift/repair.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { acquireLease, type Lease } from "../../automation/lease/lease.ts";
import { thisProcess } from "../../automation/lease/machine.ts";
import { append } from "../../automation/promotion/ledger.ts";
import type { Release } from "../../automation/release/manifest.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import type { Workspace } from "../../automation/workspace.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const window = { days: ["mon"], from: "02:00", to: "04:00", timeZone: "UTC" } as const;
const staging: EnvironmentPolicy = {
  name: "staging",
  tags: [],
  upstream: "dev",
  verify: true,
  rollbackOnFailure: true,
};

/** Nothing here may get as far as the engine. */
const engine = () => Promise.reject(new Error("the engine was asked for"));
const refused = (code: ExitCode, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SlipwayError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
  return true;
};

describe("drift that is not looked for, or not repaired", () => {
  let folder: string;
  let store: DirectoryStore;
  const context = { now: () => NOW } as Context;
  const release = { id: "a".repeat(64), commit: "b".repeat(40) } as Release;
  const subject = (of: Release | undefined): DriftSubject => ({ stack: "staging", workDir: folder, release: of });
  const workspace = (environment: EnvironmentPolicy): Workspace =>
    ({
      ...{ root: folder, directory: folder, store, cli: engine, sandbox: undefined },
      environment: { PULUMI_BACKEND_URL: `file://${folder}` },
      policy: { remote: "origin", protectedBranch: "main", environments: [environment] },
    }) as unknown as Workspace;
  const holder = () => ({ ...thisProcess(), who: "ada", verb: "up", startedAt: NOW.toISOString() });
  const takeLease = async (wall: number): Promise<Lease> => {
    const clock = { wall: () => wall, monotonic: () => performance.now() };
    const result = await acquireLease(store, { environment: "staging", holder: holder(), clock });
    assert.ok(result.ok);
    return result.lease;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-drift-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: slipway\n");
    store = new DirectoryStore(join(folder, "store"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is not repaired while the environment is frozen", async () => {
    await append(store, "staging", { kind: "frozen", by: "ada", active: true, reason: "audit" }, () => NOW);
    const repair = repairDrift(context, workspace(staging), subject(release), {});
    await assert.rejects(repair, refused(ExitCode.frozen, /staging is not repaired now: frozen by ada/));
  });

  it("is not repaired outside the maintenance windows", async () => {
    const repair = repairDrift(context, workspace({ ...staging, windows: [window] }), subject(release), {});
    await assert.rejects(repair, refused(ExitCode.outsideWindow, /outside the maintenance windows/));
  });

  it("is not repaired with a checkout where only releases go", async () => {
    const repair = repairDrift(context, workspace(staging), subject(undefined), {});
    await assert.rejects(repair, refused(ExitCode.gateRefused, /by promotion only/));
  });

  it("is not looked for while somebody deploys", async () => {
    await takeLease(NOW.getTime());
    const look = detectDrift(context, workspace(staging), subject(release), { rules: [] });
    await assert.rejects(look, refused(ExitCode.leaseHeld, /staging is being changed: up on/));
  });

  it("is looked for when the lease has run out, and is none where nothing is deployed", async () => {
    await takeLease(NOW.getTime() - 3_600_000);
    const drift = await detectDrift(context, workspace(staging), subject(release), { rules: [] });
    assert.deepEqual([drift.findings, drift.resources], [[], 0]);
  });
});
