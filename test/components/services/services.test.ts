import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ServicesPipeline } from "../../../components/services/services-pipeline.ts";
import { policyOf, run } from "../../support/harness.ts";
import { analysis, canary, image, service } from "./sample.ts";

const git = { repository: "https://git.test/slipway.git", branch: "manifests/dev" };
const args = {
  environment: "dev",
  account: "222222222222",
  region: "us-east-1",
  clusterName: "slipway-dev",
  services: { api: service({ verify: ["/ready"] }) },
  git,
};
const identityCenter = { instanceArn: "arn:aws:sso:::instance/ssoins-1", administrators: ["g-1"] };
const managed = { mode: "managed" as const, identityCenter };
const measured = { ...args, services: { api: service({ delivery: { ...canary, analysis } }) } };

const base = [
  "kubernetes:argoproj.io/v1alpha1:AppProject services-project",
  "kubernetes:argoproj.io/v1alpha1:Application services-api",
  "kubernetes:core/v1:Namespace services-argo-namespace",
  "kubernetes:core/v1:Namespace services-namespace",
  "kubernetes:helm.sh/v3:Release services-argo-release",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy services-allow-dns",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy services-default-deny",
  "slipway:index:ArgoCd services-argo",
  "slipway:index:RestrictedNamespace services",
  "slipway:index:ServicesPipeline services",
];
const rollouts = [
  "kubernetes:core/v1:Namespace services-rollouts-namespace",
  "kubernetes:helm.sh/v3:Release services-rollouts-release",
  "slipway:index:ArgoRollouts services-rollouts",
];
const metrics = [
  "kubernetes:core/v1:Namespace services-metrics-namespace",
  "kubernetes:helm.sh/v3:Release services-metrics-release",
  "kubernetes:rbac.authorization.k8s.io/v1:Role services-metrics-role",
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding services-metrics-binding",
  "slipway:index:Prometheus services-metrics",
];
const argo = base.filter((resource) => resource.includes("services-argo"));

const spec = (resource: { inputs: Record<string, unknown> }) => resource.inputs.spec as Record<string, unknown>;

describe("components/services/ServicesPipeline", () => {
  const cases = [
    { title: "Argo CD, a closed namespace, a project and one application per service", args, list: base },
    {
      title: "Argo Rollouts where a service has a canary",
      args: { ...args, services: { api: service({ delivery: canary }) } },
      list: [...base, ...rollouts],
    },
    { title: "Prometheus where a delivery is measured", args: measured, list: [...base, ...rollouts, ...metrics] },
    {
      title: "what an autoscaler goes by where a service has one",
      args: { ...args, services: { api: service({ autoscaling: { max: 9, cpuPercent: 50 } }) } },
      list: [...base, "aws:eks/addon:Addon services-metrics-server"],
    },
    {
      title: "no Argo CD where somebody else brings it",
      args: { ...args, argo: { mode: "none" as const } },
      list: base.filter((resource) => !argo.includes(resource)),
    },
    {
      title: "Argo CD as a capability of the cluster where AWS is to run it",
      args: { ...args, argo: managed },
      list: [
        ...base.filter((resource) => !argo.includes(resource)),
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation services-argo-access",
        "aws:eks/capability:Capability services-argo-capability",
        "aws:iam/role:Role services-argo-role",
        "kubernetes:core/v1:Secret services-argo-cluster",
        "slipway:index:ManagedArgoCd services-argo",
      ],
    },
    {
      title: "an AWS identity for a service that may do something there",
      args: {
        ...args,
        statements: { api: [{ sid: "Read", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::models/*"] }] },
      },
      list: [
        ...base,
        "aws:eks/podIdentityAssociation:PodIdentityAssociation services-api-identity-association",
        "aws:iam/role:Role services-api-identity-role",
        "aws:iam/rolePolicy:RolePolicy services-api-identity-policy",
        "slipway:index:PodIdentity services-api-identity",
      ],
    },
  ];
  for (const { title, args: given, list } of cases) {
    it(`makes ${title}`, async () => {
      const made = await run(() => void new ServicesPipeline("services", given));
      assert.deepEqual(made.list(), [...list].sort());
    });
  }

  it("refuses pods that do not run restricted, and all traffic but DNS", async () => {
    const { get } = await run(() => void new ServicesPipeline("services", args));
    const { metadata } = get("kubernetes:core/v1:Namespace", "services-namespace").inputs;
    assert.deepEqual(metadata, {
      name: "services",
      labels: {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "latest",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
      },
    });
    const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
    assert.deepEqual(spec(get(policy, "services-default-deny")), {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    assert.deepEqual(spec(get(policy, "services-allow-dns")).egress, [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
        ],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
    ]);
  });

  it("deploys a service once everything that it needs is there", async () => {
    const { get } = await run(() => void new ServicesPipeline("services", measured));
    const application = get("kubernetes:argoproj.io/v1alpha1:Application", "services-api");
    assert.deepEqual(application.inputs.metadata, {
      name: "api",
      namespace: "argocd",
      finalizers: ["resources-finalizer.argocd.argoproj.io"],
    });
    for (const needed of [
      "kubernetes:argoproj.io/v1alpha1:AppProject services-project",
      "kubernetes:helm.sh/v3:Release services-argo-release",
      "kubernetes:helm.sh/v3:Release services-rollouts-release",
      "kubernetes:helm.sh/v3:Release services-metrics-release",
      "kubernetes:core/v1:Namespace services-namespace",
    ]) {
      assert.ok(application.dependsOn.includes(needed), needed);
    }
  });

  it("lets an Argo CD that AWS runs change the services' namespace and nothing else", async () => {
    const { get } = await run(() => void new ServicesPipeline("services", { ...args, argo: managed }));
    const access = get("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "services-argo-access").inputs;
    assert.deepEqual(access.accessScope, { type: "namespace", namespaces: ["services"] });
    const server = "arn:aws:eks:us-east-1:222222222222:cluster/slipway-dev";
    const { stringData } = get("kubernetes:core/v1:Secret", "services-argo-cluster").inputs;
    assert.deepEqual(stringData, { name: "slipway-dev", server, namespaces: "services", project: "services" });
    const destination = { server, namespace: "services" };
    const application = get("kubernetes:argoproj.io/v1alpha1:Application", "services-api");
    assert.deepEqual(spec(application).destination, destination);
    const project = get("kubernetes:argoproj.io/v1alpha1:AppProject", "services-project");
    assert.deepEqual(spec(project).destinations, [destination]);
    const capability = get("aws:eks/capability:Capability", "services-argo-capability");
    assert.deepEqual(capability.inputs.configuration, {
      argoCd: {
        namespace: "argocd",
        awsIdc: { idcInstanceArn: "arn:aws:sso:::instance/ssoins-1" },
        rbacRoleMappings: [{ role: "ADMIN", identities: [{ id: "g-1", type: "SSO_GROUP" }] }],
      },
    });
    const role = policyOf(get("aws:iam/role:Role", "services-argo-role"), "assumeRolePolicy");
    assert.deepEqual(role.Statement[0]?.Principal, { Service: ["capabilities.eks.amazonaws.com"] });
    assert.ok(application.dependsOn.includes("aws:eks/capability:Capability services-argo-capability"));
  });

  it("lets who measures find the services' pods and nothing else", async () => {
    const { get } = await run(() => void new ServicesPipeline("services", measured));
    const role = get("kubernetes:rbac.authorization.k8s.io/v1:Role", "services-metrics-role");
    assert.deepEqual(role.inputs.rules, [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }]);
    const binding = get("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "services-metrics-binding");
    assert.deepEqual(binding.inputs.subjects, [
      { kind: "ServiceAccount", name: "prometheus-server", namespace: "prometheus" },
    ]);
    for (const { inputs, dependsOn } of [role, binding]) {
      assert.equal((inputs.metadata as { namespace: string }).namespace, "services");
      assert.ok(dependsOn.includes("kubernetes:core/v1:Namespace services-namespace"));
    }
    const { values } = get("kubernetes:helm.sh/v3:Release", "services-metrics-release").inputs as {
      values: { rbac: unknown };
    };
    assert.deepEqual(values.rbac, { create: false });
  });

  it("names no image in the application: the branch alone says what runs", async () => {
    const { get } = await run(() => void new ServicesPipeline("services", args));
    const application = get("kubernetes:argoproj.io/v1alpha1:Application", "services-api");
    assert.ok(!JSON.stringify(application.inputs).includes("sha256:"));
  });

  it("hands out what the branch must hold, what stands, and what must be seen", async () => {
    const made: ServicesPipeline[] = [];
    await run(() => void made.push(new ServicesPipeline("services", args)));
    const [{ manifests, services, checks } = assert.fail("nothing was made")] = made;
    assert.equal(manifests.branch, "manifests/dev");
    assert.deepEqual(Object.keys(manifests.files).sort(), [
      "api/deployment.yaml",
      "api/networkpolicy.yaml",
      "api/poddisruptionbudget.yaml",
      "api/service.yaml",
      "api/serviceaccount.yaml",
    ]);
    assert.deepEqual(services, {
      api: { application: "api", namespace: "services", image, port: 8000, strategy: "rolling" },
    });
    assert.deepEqual(checks, [
      { kind: "argo-application", name: "api", cluster: "slipway-dev", namespace: "argocd", images: [image] },
      {
        kind: "http",
        name: "api/ready",
        service: { cluster: "slipway-dev", namespace: "services", name: "api", port: 8000, path: "/ready" },
        status: 200,
      },
    ]);
  });

  it("does not begin with services that cannot be", async () => {
    const two = { api: service(), web: service() };
    await assert.rejects(
      run(() => void new ServicesPipeline("services", { ...args, services: two })),
      /`services\.web\.port`: got 8000, expected a port of its own: api has this one/,
    );
  });
});
