import { at, isProduction, missing, unless, type ResourceRule } from "../model.ts";

const CONNECTION = "mongodbatlas:index/streamConnection:StreamConnection";
const PROCESSOR = "mongodbatlas:index/streamProcessor:StreamProcessor";
/** Database roles that reach users, settings or every database's structure. */
const tooMuch = /^(atlasAdmin|clusterMonitor|backup|enableSharding|dbAdminAnyDatabase|root)$/;

/** Atlas Stream Processing. */
export const streamRules: readonly ResourceRule[] = [
  {
    id: "atlas-connection-tls",
    level: "mandatory",
    title: "connections of streams are encrypted on the way",
    why: "events, and the password of the broker, cross networks that belong to nobody here",
    fix: "set security.protocol to SASL_SSL or SSL; begin the url with https://",
    types: [CONNECTION],
    check(subject) {
      const type = at(subject.props, "type");
      if (type === "Kafka") {
        const safe = (protocol: unknown) => protocol === "SASL_SSL" || protocol === "SSL";
        return unless(subject, "security.protocol", safe, "not encrypted on the way");
      }
      if (type !== "Https") return [];
      return unless(subject, "url", (url) => String(url).startsWith("https://"), "not encrypted on the way");
    },
  },
  {
    id: "atlas-connection-role",
    level: "mandatory",
    title: "connections to clusters read and write, and administer nothing",
    why: "a pipeline is text that many may change; with such a role it could change users and settings too",
    fix: "use a custom role, or readWriteAnyDatabase at most",
    types: [CONNECTION],
    check: (subject) =>
      unless(subject, "dbRoleToExecute.role", (role) => !tooMuch.test(String(role)), "the role administers"),
  },
  {
    id: "atlas-processor-dead-letters",
    level: "mandatory",
    title: "processors that run keep documents that they could not handle",
    why: "Atlas drops such a document and counts it, and nobody ever sees what it was",
    fix: "set options.dlq in the processor's file",
    types: [PROCESSOR],
    check: (subject) =>
      at(subject.props, "state") === "STARTED"
        ? missing(subject, ["options.dlq"], "documents that fail are dropped")
        : [],
  },
  {
    id: "atlas-alerts-somebody",
    level: "mandatory",
    title: "alerts of Atlas reach somebody",
    why: "an alert without a receiver is a page that nobody opens",
    fix: "name at least one notification and leave enabled on",
    types: ["mongodbatlas:index/alertConfiguration:AlertConfiguration"],
    check: (subject) => [
      ...unless(subject, "enabled", (enabled) => enabled !== false, "it is off"),
      ...unless(subject, "notifications.0", (first) => first !== undefined, "nobody is told"),
    ],
  },
  {
    id: "atlas-tier-bound",
    level: "advisory",
    title: "workspaces in production bound their tier",
    why: "autoscaling without a largest tier has no largest bill",
    fix: "set streamConfig.maxTierSize",
    types: ["mongodbatlas:index/streamWorkspace:StreamWorkspace"],
    check: (subject) =>
      isProduction(subject) ? missing(subject, ["streamConfig.maxTierSize"], "the tier has no bound") : [],
  },
];
