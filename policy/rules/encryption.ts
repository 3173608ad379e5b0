import { at, isOn, missing, unless, type ResourceRule } from "../model.ts";

const keyed = (id: string, type: string, property: string, what: string): ResourceRule => ({
  id,
  level: "mandatory",
  title: `${what} is encrypted with a key of the account`,
  why: "without a key of its own nobody can say who may read it, or take that back",
  fix: `set ${property} to the ARN of the pipeline's key`,
  types: [type],
  check: (subject) => missing(subject, [property], "no key is named"),
});

/** What lies somewhere is encrypted, with keys that are looked after. */
export const encryptionRules: readonly ResourceRule[] = [
  keyed("sns-encrypted", "aws:sns/topic:Topic", "kmsMasterKeyId", "a topic"),
  keyed("sqs-encrypted", "aws:sqs/queue:Queue", "kmsMasterKeyId", "a queue"),
  keyed("secret-encrypted", "aws:secretsmanager/secret:Secret", "kmsKeyId", "a secret"),
  keyed("log-group-encrypted", "aws:cloudwatch/logGroup:LogGroup", "kmsKeyId", "a log group"),
  {
    id: "kms-rotation",
    level: "mandatory",
    title: "keys rotate",
    why: "a key that leaked once would open everything that is ever encrypted with it",
    fix: "set enableKeyRotation: true",
    types: ["aws:kms/key:Key"],
    check: (subject) => unless(subject, "enableKeyRotation", isOn, "rotation is off"),
  },
  {
    id: "ebs-encrypted",
    level: "mandatory",
    title: "disks of nodes are encrypted and metadata asks for a session",
    why: "a disk that is copied can be read, and version 1 of the metadata service hands credentials to any request",
    fix: 'set ebs.encrypted on every block device and metadataOptions.httpTokens: "required"',
    types: ["aws:ec2/launchTemplate:LaunchTemplate"],
    check(subject) {
      const devices = at(subject.props, "blockDeviceMappings");
      const disks = (Array.isArray(devices) ? devices : []).flatMap((_device, index) =>
        unless(subject, `blockDeviceMappings.${index}.ebs.encrypted`, isOn, "the disk is not encrypted"),
      );
      const required = (value: unknown) => value === "required";
      return [...disks, ...unless(subject, "metadataOptions.httpTokens", required, "metadata needs no session")];
    },
  },
];
