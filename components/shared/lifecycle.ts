import type * as aws from "@pulumi/aws";
import { problem } from "./validation.ts";

/** What becomes of the current objects below a prefix as they age. */
export interface AgeingRule {
  id: string;
  /** Defaults to the whole bucket. */
  prefix?: string;
  /** Only objects with this tag. Defaults to all. */
  tag?: { key: string; value: string };
  /** Days after which objects go, together with their older versions. Defaults to never. */
  expireDays?: number | undefined;
  /** Days for which what went can be brought back. Defaults to one. */
  keepExpiredDays?: number | undefined;
  /** Days after which objects move to infrequent access. Defaults to never. */
  infrequentDays?: number | undefined;
}

type Rule = aws.types.input.s3.BucketLifecycleConfigurationRule;

/** Problems of the rules, one line each. */
export function validateAgeing(rules: readonly AgeingRule[]): string[] {
  return rules.flatMap(({ id, expireDays, keepExpiredDays, infrequentDays }) => {
    const problems: string[] = [];
    if (expireDays !== undefined && (!Number.isInteger(expireDays) || expireDays < 1)) {
      problems.push(problem(`${id}.expireDays`, expireDays, "a whole number of days, at least 1", "Raise it."));
    }
    if (keepExpiredDays !== undefined && (!Number.isInteger(keepExpiredDays) || keepExpiredDays < 1)) {
      problems.push(
        problem(`${id}.keepExpiredDays`, keepExpiredDays, "a whole number of days, at least 1", "Raise it."),
      );
    }
    if (infrequentDays !== undefined && (!Number.isInteger(infrequentDays) || infrequentDays < 30)) {
      const rule = "a whole number of days, at least 30";
      problems.push(problem(`${id}.infrequentDays`, infrequentDays, rule, "S3 moves nothing sooner: raise it."));
    }
    return problems;
  });
}

function filterOf({ prefix, tag }: AgeingRule): Rule["filter"] {
  // S3 takes one condition as it is and several only together.
  if (prefix !== undefined && tag !== undefined) return { and: { prefix, tags: { [tag.key]: tag.value } } };
  return { ...(prefix !== undefined && { prefix }), ...(tag !== undefined && { tag }) };
}

function ageing(rule: AgeingRule): Rule {
  const { id, expireDays, keepExpiredDays = 1, infrequentDays } = rule;
  return {
    id,
    status: "Enabled",
    filter: filterOf(rule),
    ...(infrequentDays !== undefined && { transitions: [{ days: infrequentDays, storageClass: "STANDARD_IA" }] }),
    ...(expireDays !== undefined && {
      expiration: { days: expireDays },
      noncurrentVersionExpiration: { noncurrentDays: keepExpiredDays },
    }),
  };
}

/** Rules of a versioned bucket: superseded versions and broken uploads go everywhere, the rest as told. */
export function lifecycleRules(keepVersionsDays: number, rules: readonly AgeingRule[] = []): Rule[] {
  const superseded: Rule = {
    id: "expire-superseded",
    status: "Enabled",
    filter: {},
    noncurrentVersionExpiration: { noncurrentDays: keepVersionsDays },
    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
  };
  if (rules.length === 0) return [superseded];
  // What expires in a versioned bucket leaves a marker behind, which slows every listing down.
  const markers: Rule = {
    id: "forget-markers",
    status: "Enabled",
    filter: {},
    expiration: { expiredObjectDeleteMarker: true },
  };
  return [superseded, markers, ...rules.map(ageing)];
}
