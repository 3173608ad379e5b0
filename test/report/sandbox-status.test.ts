import assert from "node:assert/strict";
import pc from "picocolors";
import { sandboxStatusLines, shortType } from "../../automation/report/sandbox-status.ts";
import { allTypeSpecs } from "../../sandbox/types/index.ts";

type Status = Parameters<typeof sandboxStatusLines>[1];

const status = (types: Status["types"], more: Partial<Status> = {}): Status => ({
  ...{
    directory: "/s",
    notice: "This is a simulation.",
    types,
    orphans: [],
    faults: [],
    events: [],
    live: { services: [] },
    kubernetes: { reason: "it is off" },
  },
  ...{ total: types.reduce((sum, { count }) => sum + count, 0) },
  ...more,
});
const lines = (found: Status) => sandboxStatusLines({ colors: pc.createColors(false) }, found);
const everywhere = (accounts: readonly string[]): Status["types"] =>
  accounts.flatMap((account) =>
    allTypeSpecs().map(({ type, fidelity }) => ({
      ...{ account, region: "eu-central-1", type, count: 3, how: "modelled" as const, fidelity },
    })),
  );

describe("sandbox status", () => {
  for (const [token, short] of [
    ["aws:ec2/vpc:Vpc", "aws ec2 Vpc"],
    ["kubernetes:core/v1:Service", "kubernetes core Service"],
    ["kubernetes:argoproj.io/v1alpha1:Application", "kubernetes argoproj.io Application"],
    ["github:index/repository:Repository", "github Repository"],
  ] as const)
    it(`calls ${token} ${short}`, () => assert.equal(shortType(token), short));

  it("fits 120 columns with every type in four accounts, each fidelity once", () => {
    const found = lines(status(everywhere(["111111111111", "222222222222", "333333333333", "444444444444"])));
    assert.deepEqual(
      found.filter((line) => line.length > 120),
      [],
    );
    const fidelity = allTypeSpecs().find(({ type }) => type === "aws:ec2/internetGateway:InternetGateway")?.fidelity;
    assert.equal(found.filter((line) => line.includes(fidelity ?? "?")).length, 1);
    assert.equal(found.filter((line) => /^\d{12}: \d+ resources$/.test(line)).length, 4);
  });

  it("tells echoed types, resources no stack knows and waiting faults", () => {
    const type = "aws:nobody/modelled:Thing";
    const place = { account: "111111111111", region: "eu-west-1", type };
    const orphans = [{ ...place, id: "t-1", urn: "urn:t" }];
    const found = lines(status([{ ...place, count: 1, how: "echoed", fidelity: "nothing is checked" }], { orphans }));
    assert.ok(found.includes("  1  aws nobody Thing  eu-west-1  echoed"));
    assert.ok(found.includes(`  ${type} t-1 (urn:t)`));
    assert.ok(found.includes("1 resource no stack knows:"));
    assert.deepEqual(lines(status([])).slice(-1), ["nothing stands there yet"]);
  });

  const services = [{ service: "lambda", production: "AWS Lambda", sandbox: "a local process", resources: 5 }];

  it("says what runs in production and what runs here", () => {
    const found = lines(status([], { live: { services, endpoint: "http://127.0.0.1:4000" } }));
    assert.ok(
      found.includes("what runs in production, and here (run by a local emulator, now on http://127.0.0.1:4000)"),
    );
    assert.ok(found.includes("  AWS Lambda  a local process"));
  });

  it("says whether a real API server judges Kubernetes objects, and how to get one", () => {
    const off = lines(status([])).join(" ");
    assert.match(off, /Kubernetes objects are kept on record: it is off\. With SLIPWAY_SANDBOX_KUBERNETES=server/);
    const on = lines(status([], { kubernetes: { server: "1.33.4" } })).join(" ");
    assert.match(on, /Kubernetes objects also go to a real kube-apiserver 1\.33\.4/);
  });

  it("says why nothing runs", () => {
    const found = lines(status([], { live: { services, reason: "Python 3.11 or newer was not found on PATH" } }));
    const heading = "what runs in production, and here (simulated: Python 3.11 or newer was not found on PATH)";
    assert.ok(found.includes(heading));
  });
});
