import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { type StackOutputs, parseStackOutputs } from "../../config/outputs.ts";
import program from "../../index.ts";
import { type Registered, type Run, run } from "../support/harness.ts";
import { operationsOutputs, siblingStacks } from "../support/operations-outputs.ts";
import { stackConfig, stackNames } from "../support/stack-files.ts";
import { dataResources } from "./expected-data.ts";
import { modelResources } from "./expected-model.ts";
import { expectedResources } from "./expected.ts";

type StackName = (typeof stackNames)[number];

/** Runs that were made already: nothing in a finished one changes any more. */
const runs = new Map<string, Promise<Run>>();

/** The whole program on a real stack file, with the operations stack beside it. */
async function runStack(stack: StackName, preview = false): Promise<Run> {
  const key = `${stack} ${preview}`;
  const known = runs.get(key) ?? run(program, { stack, preview, config: stackConfig(stack), stacks: siblingStacks });
  runs.set(key, known);
  return await known;
}

/** The whole program registers hundreds of resources, one after the other. */
const patience = 60_000;

/** Type and name of every resource that something must keep from vanishing. */
function protectedOf({ resources }: Run): string[] {
  return resources
    .filter(({ protect }) => protect)
    .map(({ type, name }) => `${type} ${name}`)
    .sort();
}

const isRemote = ({ type }: Registered) => type.startsWith("awsx:") || type.startsWith("eks:");
const isProvider = ({ type }: Registered) => type.startsWith("pulumi:providers:");

for (const stack of stackNames) {
  describe(`program on Pulumi.${stack}.yaml`, function () {
    this.timeout(patience);

    it("registers exactly these resources", async () => {
      assert.deepEqual((await runStack(stack)).list(), expectedResources(stack));
    });

    it("registers the same in a preview, where nothing but inputs is known", async () => {
      assert.deepEqual((await runStack(stack, true)).list(), expectedResources(stack));
    });

    it("gives outputs that keep the contract", async () => {
      const outputs = (await runStack(stack)).outputs as unknown as StackOutputs;
      assert.deepEqual(parseStackOutputs(outputs, stack), outputs);
      assert.equal(outputs.environment, stack);
      assert.equal(outputs.kind, stack === "operations" ? "operations" : "environment");
    });

    it("hangs every resource below a component of the stack", async () => {
      const { resources } = await runStack(stack);
      const parents = new Map(resources.map(({ type, name, parent }) => [`${type} ${name}`, parent]));
      for (const resource of resources.filter(({ custom }) => custom)) {
        const root = resource.type.startsWith("pulumi:");
        assert.equal(resource.parent === undefined, root, `${resource.type} ${resource.name} is a child of the stack`);
        for (let parent = resource.parent; parent !== undefined; parent = parents.get(parent)) {
          assert.ok(parents.has(parent), `${resource.name} hangs below ${parent}, which is registered nowhere`);
        }
      }
    });

    it("uses its own providers and never a default one", async () => {
      const { resources } = await runStack(stack);
      const used = resources.filter((resource) => resource.custom && !isProvider(resource) && !isRemote(resource));
      for (const { type, name, provider } of used) {
        const expected = type.split(":")[0] ?? "";
        assert.equal(provider, `pulumi:providers:${expected} ${expected}`, `${type} ${name}`);
      }
    });

    it("touches no account but its own", async () => {
      const provider = (await runStack(stack)).get("pulumi:providers:aws", "aws");
      const account = JSON.parse(stackConfig(stack)["slipway:account"] ?? "{}") as { id: string };
      assert.deepEqual(JSON.parse(String(provider.inputs.allowedAccountIds)), [account.id]);
      assert.equal(provider.inputs.region, "us-east-1");
      const { tags } = JSON.parse(String(provider.inputs.defaultTags)) as { tags: Record<string, string> };
      assert.deepEqual(tags, {
        owner: "platform",
        "cost-center": "platform",
        project: "slipway",
        environment: stack,
        "managed-by": "pulumi",
      });
    });
  });
}

describe("program: what must not be lost", function () {
  this.timeout(patience);

  it("protects what holds data or keys in operations", async () => {
    assert.deepEqual(protectedOf(await runStack("operations")), [
      "aws:ecr/repository:Repository operations-api-repository",
      "aws:ecr/repository:Repository operations-model-repository",
      "aws:ecr/repository:Repository operations-predict-repository",
      "aws:ecr/repository:Repository operations-web-repository",
      "aws:kms/key:Key operations-artifact-key",
      "aws:kms/key:Key operations-image-key",
      "aws:kms/key:Key operations-state-key",
      "aws:s3/bucket:Bucket operations-artifacts-bucket",
      "aws:s3/bucket:Bucket operations-states-bucket",
    ]);
  });

  it("protects data, logs and keys in prod, and asks AWS to keep the cluster", async () => {
    const prod = await runStack("prod");
    assert.deepEqual(protectedOf(prod), [
      "aws:cloudwatch/logGroup:LogGroup cluster-logs",
      ...dataResources.filter((resource) => resource.startsWith("aws:cloudwatch/logGroup:")),
      ...modelResources.filter((resource) => resource.startsWith("aws:cloudwatch/logGroup:")),
      "aws:cloudwatch/logGroup:LogGroup network-flow-group",
      "aws:glue/catalogDatabase:CatalogDatabase data-catalog-live",
      ...dataResources.filter((resource) => resource.startsWith("aws:glue/catalogTable:")),
      "aws:kms/key:Key data-encryption-key",
      "aws:kms/key:Key foundation-platform-key",
      "aws:kms/key:Key model-encryption-key",
      ...dataResources.filter((resource) => resource.startsWith("aws:s3/bucket:")),
      ...modelResources.filter((resource) => resource.startsWith("aws:s3/bucket:")),
      "aws:sagemaker/modelPackageGroup:ModelPackageGroup model-training-models",
      "aws:secretsmanager/secret:Secret data-security-source-credentials",
      "mongodbatlas:index/streamProcessor:StreamProcessor streams-processor-login_rate",
      "mongodbatlas:index/streamProcessor:StreamProcessor streams-processor-smoke_check",
      "mongodbatlas:index/streamWorkspace:StreamWorkspace streams-workspace",
    ]);
    assert.equal(prod.get("eks:index:Cluster", "cluster").inputs.deletionProtection, true);
  });

  for (const stack of ["dev", "staging"] as const) {
    it(`lets ${stack} be torn down`, async () => {
      const cheap = await runStack(stack);
      assert.deepEqual(protectedOf(cheap), []);
      assert.equal(cheap.get("eks:index:Cluster", "cluster").inputs.deletionProtection, false);
    });
  }
});

describe("program: how the environments differ", function () {
  this.timeout(patience);

  const table = [
    { stack: "dev", azCount: 2, nat: "Single", isPublic: true, capacity: "SPOT", kind: "Deployment", replicas: 1 },
    {
      stack: "staging",
      azCount: 3,
      nat: "Single",
      isPublic: true,
      capacity: "ON_DEMAND",
      kind: "Rollout",
      replicas: 2,
    },
    {
      stack: "prod",
      azCount: 3,
      nat: "OnePerAz",
      isPublic: false,
      capacity: "ON_DEMAND",
      kind: "Rollout",
      replicas: 3,
    },
  ] as const;
  for (const { stack, azCount, nat, isPublic, capacity, kind, replicas } of table) {
    it(`${stack}: ${azCount} zones, ${nat} NAT, ${isPublic ? "public" : "private"} endpoint, ${capacity} nodes`, async () => {
      const { get } = await runStack(stack);
      const vpc = get("awsx:ec2:Vpc", "network").inputs;
      assert.deepEqual([vpc.numberOfAvailabilityZones, vpc.natGateways], [azCount, { strategy: nat }]);
      assert.equal(get("eks:index:Cluster", "cluster").inputs.endpointPublicAccess, isPublic);
      assert.equal(get("aws:eks/nodeGroup:NodeGroup", "cluster-nodes-group").inputs.capacityType, capacity);
    });

    it(`${stack}: ${replicas} of each service, as a ${kind}, from a branch of its own`, async () => {
      const { get, outputs } = await runStack(stack);
      const { source } = get("kubernetes:argoproj.io/v1alpha1:Application", "services-api").inputs.spec as {
        source: unknown;
      };
      const repoURL = "https://github.com/slipway/slipway.git";
      const branch = `manifests/${stack}`;
      assert.deepEqual(source, { repoURL, targetRevision: branch, path: "api", directory: { recurse: false } });
      const read = parseStackOutputs(outputs, stack);
      assert.ok(read.kind === "environment");
      assert.equal(read.manifests?.branch, branch);
      for (const service of ["api", "predict", "web"]) {
        const text = read.manifests.files[`${service}/${kind.toLowerCase()}.yaml`] ?? "";
        const workload = parse(text) as { kind: string; spec: { replicas: number } };
        assert.deepEqual([workload.kind, workload.spec.replicas], [kind, replicas]);
        assert.ok(text.includes(String(read.services[service]?.image)), `${service} runs the release's image`);
      }
    });
  }

  it("runs the very same images everywhere", async () => {
    const images: (string | undefined)[] = [];
    for (const stack of ["dev", "staging", "prod"] as const) {
      const outputs = parseStackOutputs((await runStack(stack)).outputs, stack);
      assert.ok(outputs.kind === "environment");
      images.push(outputs.services.api?.image);
    }
    assert.equal(new Set(images).size, 1);
    assert.match(
      String(images[0]),
      /^111111111111\.dkr\.ecr\.us-east-1\.amazonaws\.com\/slipway\/api@sha256:[0-9a-f]{64}$/,
    );
  });

  it("gives every configured service a repository", () => {
    const repositories = JSON.parse(stackConfig("operations")["slipway:repositories"] ?? "[]") as string[];
    for (const stack of ["dev", "staging", "prod"] as const) {
      const services = Object.keys(JSON.parse(stackConfig(stack)["slipway:services"] ?? "{}") as object);
      // The image of training is no service.
      assert.deepEqual([...services, "model"].sort(), Object.keys(operationsOutputs(repositories).repositories).sort());
    }
  });
});
