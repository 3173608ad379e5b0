import { at, isProduction, missing, unless, type ResourceRule, type StackRule } from "../model.ts";

const FUNCTION = "aws:lambda/function:Function";
/** What hands events to functions and does not wait for what becomes of them. */
const asynchronous = [
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:scheduler/schedule:Schedule",
  "aws:s3/bucketNotification:BucketNotification",
  "aws:sns/topicSubscription:TopicSubscription",
];

/** Lambda and API Gateway. */
export const computeRules: readonly (ResourceRule | StackRule)[] = [
  {
    id: "lambda-dead-letters",
    level: "mandatory",
    title: "functions that events start keep what they could not handle",
    why: "Lambda tries an event three times and forgets it",
    fix: "set deadLetterConfig.targetArn of the function",
    checkStack(subjects) {
      const waited = subjects.filter(({ type }) => asynchronous.includes(type)).flatMap(({ dependsOn }) => dependsOn);
      return subjects
        .filter(({ type, urn }) => type === FUNCTION && waited.includes(urn))
        .flatMap((subject) =>
          missing(subject, ["deadLetterConfig.targetArn"], "events start it and it has no dead-letter queue").map(
            (problem) => ({ ...problem, urn: subject.urn }),
          ),
        );
    },
  },
  {
    id: "lambda-log-group",
    level: "mandatory",
    title: "functions write to a log group that is declared",
    why: "the group that Lambda makes by itself is never forgotten and not encrypted with a key of the account",
    fix: "set loggingConfig.logGroup to a group made by logGroup() of components/shared",
    types: [FUNCTION],
    check: (subject) => missing(subject, ["loggingConfig.logGroup"], "Lambda makes one"),
  },
  {
    id: "lambda-traced",
    level: "advisory",
    title: "functions are traced",
    why: "where the time of a slow request goes cannot be seen otherwise",
    fix: 'set tracingConfig.mode: "Active"',
    types: [FUNCTION],
    check: (subject) => unless(subject, "tracingConfig.mode", (mode) => mode === "Active", "it is not traced"),
  },
  {
    id: "lambda-caller",
    level: "mandatory",
    title: "a service may call a function for one source only",
    why: "without sourceArn or sourceAccount the service does it for anybody who asks (the confused deputy)",
    fix: "set sourceArn",
    types: ["aws:lambda/permission:Permission"],
    check({ props }) {
      if (!String(at(props, "principal")).endsWith(".amazonaws.com")) return [];
      if (at(props, "sourceArn") || at(props, "sourceAccount")) return [];
      return [{ property: "sourceArn", message: "any source may make the service call it" }];
    },
  },
  {
    id: "lambda-url-closed",
    level: "mandatory",
    title: "addresses of functions ask who calls",
    why: "anybody on the internet could run it",
    fix: 'set authorizationType: "AWS_IAM"',
    types: ["aws:lambda/functionUrl:FunctionUrl"],
    check: (subject) => unless(subject, "authorizationType", (type) => type === "AWS_IAM", "anybody may call it"),
  },
  {
    id: "apigateway-authorised",
    level: "mandatory",
    title: "routes in production ask who calls",
    why: "a route without authorisation is a public endpoint",
    fix: 'set authorizationType to "AWS_IAM", "JWT" or "CUSTOM"',
    types: ["aws:apigatewayv2/route:Route", "aws:apigateway/method:Method"],
    check(subject) {
      const property = subject.type === "aws:apigateway/method:Method" ? "authorization" : "authorizationType";
      const asks = (type: unknown) => typeof type === "string" && type !== "NONE";
      return isProduction(subject) ? unless(subject, property, asks, "anybody may call it") : [];
    },
  },
  {
    id: "apigateway-stage",
    level: "mandatory",
    title: "stages note requests and limit their rate",
    why: "one client could use up the account's concurrency, and nobody could say which",
    fix: "set accessLogSettings.destinationArn and defaultRouteSettings.throttlingRateLimit",
    types: ["aws:apigatewayv2/stage:Stage"],
    check: (subject) => [
      ...missing(subject, ["accessLogSettings.destinationArn"], "requests are not noted"),
      ...missing(subject, ["defaultRouteSettings.throttlingRateLimit"], "the rate has no limit"),
    ],
  },
  {
    id: "apigateway-tls",
    level: "mandatory",
    title: "domain names of APIs take TLS 1.2 or later",
    why: "older versions can be read",
    fix: 'set domainNameConfiguration.securityPolicy: "TLS_1_2"',
    types: ["aws:apigatewayv2/domainName:DomainName"],
    check: (subject) =>
      unless(subject, "domainNameConfiguration.securityPolicy", (tls) => tls === "TLS_1_2", "takes older versions"),
  },
  {
    id: "log-retention",
    level: "mandatory",
    title: "logs are forgotten in time",
    why: "logs without a retention are kept and paid for ever, with whatever personal data is in them",
    fix: "set retentionInDays",
    types: ["aws:cloudwatch/logGroup:LogGroup"],
    check: (subject) =>
      unless(subject, "retentionInDays", (days) => typeof days === "number" && days > 0, "they are kept for ever"),
  },
  {
    id: "eks-logging",
    level: "mandatory",
    title: "clusters log who did what",
    why: "without the audit log nobody can say who changed or read something",
    fix: 'add "audit" and "authenticator" to enabledClusterLogTypes',
    types: ["aws:eks/cluster:Cluster"],
    check: (subject) =>
      ["audit", "authenticator"].flatMap((kind) =>
        unless(
          subject,
          "enabledClusterLogTypes",
          (kinds) => Array.isArray(kinds) && kinds.includes(kind),
          `${kind} is not logged`,
        ),
      ),
  },
  {
    id: "eks-secrets-encrypted",
    level: "mandatory",
    title: "secrets of clusters are encrypted with a key of the account",
    why: "a copy of the cluster's store would hold them as they are",
    fix: "set encryptionConfig with a key for secrets",
    types: ["aws:eks/cluster:Cluster"],
    check: (subject) => unless(subject, "encryptionConfig.provider.keyArn", (key) => !!key, "no key is named"),
  },
];
