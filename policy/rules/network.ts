import { at, isOn, isProduction, listAt, UNKNOWN, unless, type Problem, type ResourceRule } from "../model.ts";

const everywhere = ["0.0.0.0/0", "::/0"];
const isEverywhere = (cidr: unknown) => typeof cidr === "string" && everywhere.includes(cidr);
const CLUSTER = "aws:eks/cluster:Cluster";

/** What can be reached from where. */
export const networkRules: readonly ResourceRule[] = [
  {
    id: "eks-endpoint-private",
    level: "mandatory",
    title: "clusters in production have no public endpoint, others none for everybody",
    why: "whoever finds a hole in the API server or a lost token needs nothing more to use it",
    fix: "set `cluster.endpoint.public: false`, or list in cidrs who may reach it",
    types: [CLUSTER],
    check(subject) {
      const open = at(subject.props, "vpcConfig.endpointPublicAccess");
      if (open === false || open === UNKNOWN) return [];
      const property = "vpcConfig.endpointPublicAccess";
      if (isProduction(subject)) return [{ property, message: "the endpoint is public" }];
      const cidrs = at(subject.props, "vpcConfig.publicAccessCidrs");
      if (cidrs === UNKNOWN || (Array.isArray(cidrs) && cidrs.length > 0 && !cidrs.some(isEverywhere))) return [];
      return [{ property: "vpcConfig.publicAccessCidrs", message: "the endpoint is open to everybody" }];
    },
  },
  {
    id: "sg-ingress-closed",
    level: "mandatory",
    title: "no security group lets everybody in",
    why: "what listens behind it is found by scanners within minutes",
    fix: "name the addresses or the security group that may come in",
    types: [
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      "aws:ec2/securityGroupRule:SecurityGroupRule",
      "aws:ec2/securityGroup:SecurityGroup",
    ],
    check: (subject) => openings(subject.type, subject.props),
  },
  {
    id: "lb-internal",
    level: "mandatory",
    title: "load balancers in production are internal",
    why: "a public load balancer is a public endpoint",
    fix: "set internal: true, and publish through the API",
    types: ["aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"],
    check: (subject) => (isProduction(subject) ? unless(subject, "internal", isOn, "it is public") : []),
  },
  {
    id: "service-internal",
    level: "mandatory",
    title: "Kubernetes services in production open no public load balancer",
    why: "a Service of type LoadBalancer is a public endpoint unless it says otherwise",
    fix: 'use type ClusterIP, or the annotation service.beta.kubernetes.io/aws-load-balancer-scheme: "internal"',
    types: ["kubernetes:core/v1:Service"],
    check({ props, stack }) {
      if (!isProduction({ stack }) || at(props, "spec.type") !== "LoadBalancer") return [];
      const annotations = (at(props, "metadata.annotations") ?? {}) as Record<string, unknown>;
      const internal = annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"] === "internal";
      return internal ? [] : [{ property: "spec.type", message: "the load balancer is public" }];
    },
  },
];

function openings(type: string, props: Readonly<Record<string, unknown>>): Problem[] {
  const message = "everybody may come in";
  if (type.endsWith(":SecurityGroup"))
    return listAt(props, "ingress").flatMap((rule, index) =>
      [...listAt(rule, "cidrBlocks"), ...listAt(rule, "ipv6CidrBlocks")].some(isEverywhere)
        ? [{ property: `ingress.${index}`, message }]
        : [],
    );
  if (type.endsWith(":SecurityGroupRule") && at(props, "type") !== "ingress") return [];
  const open = ["cidrIpv4", "cidrIpv6"].filter((path) => isEverywhere(at(props, path)));
  const lists = ["cidrBlocks", "ipv6CidrBlocks"].filter((path) => listAt(props, path).some(isEverywhere));
  return [...open, ...lists].map((property) => ({ property, message }));
}
