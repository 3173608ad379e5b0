import { isOn, missing, unless, type ResourceRule } from "../model.ts";

const encrypted = (value: unknown) => typeof value === "string" && value.endsWith("-KMS");
/** Longest run of a job; Glue's own limit is two days, which cost as much as a month of good runs. */
const LONGEST_MINUTES = 720;

/** Glue and Athena. */
export const dataRules: readonly ResourceRule[] = [
  {
    id: "glue-job-encrypted",
    level: "mandatory",
    title: "Glue jobs run under a security configuration",
    why: "what a job writes to its logs, bookmarks and disks is in clear otherwise, whatever the buckets say",
    fix: "set securityConfiguration",
    types: ["aws:glue/job:Job", "aws:glue/crawler:Crawler"],
    check: (subject) => missing(subject, ["securityConfiguration"], "it has none"),
  },
  {
    id: "glue-security-complete",
    level: "mandatory",
    title: "a Glue security configuration encrypts objects, logs and bookmarks",
    why: "a configuration that leaves one out looks encrypted and is not",
    fix: "set SSE-KMS for s3Encryption and cloudwatchEncryption, CSE-KMS for jobBookmarksEncryption",
    types: ["aws:glue/securityConfiguration:SecurityConfiguration"],
    check: (subject) =>
      [
        "s3Encryption.s3EncryptionMode",
        "cloudwatchEncryption.cloudwatchEncryptionMode",
        "jobBookmarksEncryption.jobBookmarksEncryptionMode",
      ].flatMap((path) => unless(subject, `encryptionConfiguration.${path}`, encrypted, "not encrypted with a key")),
  },
  {
    id: "glue-job-timeout",
    level: "mandatory",
    title: "Glue jobs end",
    why: "a job that hangs runs for two days, and every worker of it is paid for",
    fix: `set timeout to at most ${LONGEST_MINUTES} minutes`,
    types: ["aws:glue/job:Job"],
    check: (subject) =>
      unless(
        subject,
        "timeout",
        (value) => typeof value === "number" && value > 0 && value <= LONGEST_MINUTES,
        `not limited to ${LONGEST_MINUTES} minutes`,
      ),
  },
  {
    id: "athena-workgroup",
    level: "mandatory",
    title: "Athena's results are encrypted, and clients cannot say otherwise",
    why: "results are copies of the data; a client's own settings could put them anywhere",
    fix: "set enforceWorkgroupConfiguration and resultConfiguration.encryptionConfiguration with a key",
    types: ["aws:athena/workgroup:Workgroup"],
    check: (subject) => [
      ...unless(subject, "configuration.enforceWorkgroupConfiguration", isOn, "clients may override it"),
      ...unless(
        subject,
        "configuration.resultConfiguration.encryptionConfiguration.encryptionOption",
        (value) => value === "SSE_KMS" || value === "CSE_KMS",
        "results are not encrypted with a key",
      ),
    ],
  },
];
