import { strict as assert } from "node:assert";

import { Cloud } from "../../../sandbox/cloud/cloud.ts";
import { Identities } from "../../../sandbox/cluster/identities.ts";
import { stopLive } from "../../../sandbox/live/connect.ts";
import { liveEnvironment } from "../live/live-lab.ts";
import { clusterName, openClusterLab, type ClusterLab } from "./cluster-lab.ts";

const template = (serviceAccountName?: string) => ({ spec: { ...(serviceAccountName && { serviceAccountName }) } });

describe("who pods are to AWS", function () {
  this.timeout(60_000);
  let lab: ClusterLab;
  let cloud: Cloud;
  let identities: Identities;
  const look = async (environment: Record<string, string>) => {
    identities = new Identities({
      directory: lab.directory,
      cluster: clusterName,
      cloud,
      environment,
      onNote: () => {},
    });
    await identities.look(["api", "web"].map((account) => ({ namespace: "services", template: template(account) })));
    return identities;
  };
  const associate = (cluster: string, serviceAccount: string) => {
    const inputs = { clusterName: cluster, namespace: "services", serviceAccount, roleArn: "r" };
    const type = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
    cloud.insert(
      { account: "222222222222", region: "eu-west-1", type, id: `${cluster}-${serviceAccount}` },
      {
        ...{ urn: `urn:pulumi:dev::slipway::${type}::${cluster}-${serviceAccount}`, inputs, outputs: inputs },
        ...{ uniqueKey: undefined, handles: [], salt: 0, echoed: false, createdAt: new Date(0).toISOString() },
      },
    );
  };
  beforeEach(() => {
    lab = openClusterLab();
    cloud = new Cloud(lab.directory);
  });
  afterEach(async () => {
    await identities.close();
    await stopLive(lab.directory);
    cloud.close();
    lab.close();
  });

  it("starts nothing where no service account has a role", async () => {
    associate("another-cluster", "api");
    associate(clusterName, "not-run-here");
    const found = await look({ SLIPWAY_SANDBOX_PYTHON: "/nowhere/python" });
    assert.deepEqual(found.of("services", template("api")), {});
  });

  it("leaves pods without AWS where there is no emulator", async () => {
    associate(clusterName, "api");
    const found = await look({ SLIPWAY_SANDBOX_LIVE: "off" });
    assert.deepEqual(found.of("services", template("api")), {});
  });

  it("gives pods of an associated service account their account and where it answers, and no others", async () => {
    associate(clusterName, "api");
    const found = await look(await liveEnvironment());
    const { AWS_ENDPOINT_URL: url = "", ...rest } = found.of("services", template("api"));
    assert.deepEqual(rest, {
      AWS_ACCESS_KEY_ID: "222222222222",
      AWS_SECRET_ACCESS_KEY: rest["AWS_SECRET_ACCESS_KEY"],
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
    });
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.ok((await fetch(url)).status < 500, "the emulator answers there");
    for (const [namespace, account] of [
      ["services", "web"],
      ["others", "api"],
      ["services", undefined],
    ] as const)
      assert.deepEqual(found.of(namespace, template(account)), {});
  });
});
