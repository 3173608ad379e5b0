import type * as aws from "@pulumi/aws";
import { problem } from "./validation.ts";

/** What becomes of the current objects below a prefix as they age. */
export interface AgeingRule {
  id: string;
  /** Defaults to the whole bucket. */
  prefix?: string;
  /** Days after which objects go, together with their older versions. Defaults to never. */
  expireDays?: number | undefined;
  /** Days after which objects move to infrequent access. Defaults to never. */
  infrequentDays?: number | undefined;
}

type Rule = aws.types.input.s3.BucketLifecycleConfigurationRule;

/** Problems of the rules, one line each. */
export function validateAgeing(rules: readonly AgeingRule[]): string[] {
  return rules.flatMap(({ id, expireDays, infrequentDays }) => {
    const problems: string[] = [];
    if (expireDays !== undefined && (!Number.isInteger(expireDays) || expireDays < 1)) {
      problems.push(problem(`${id}.expireDays`, expireDays, "a whole number of days, at least 1", "Raise it."));
    }
    if (infrequentDays !== undefined && (!Number.isInteger(infrequentDays) || infrequentDays < 30)) {
      const rule = "a whole number of days, at least 30";
      problems.push(problem(`${id}.infrequentDays`, infrequentDays, rule, "S3 moves nothing sooner: raise it."));
    }
    return problems;
  });
}

function ageing({ id, prefix, expireDays, infrequentDays }: AgeingRule): Rule {
  return {
    id,
    status: "Enabled",
    filter: prefix === undefined ? {} : { prefix },
    ...(infrequentDays !== undefined && { transitions: [{ days: infrequentDays, storageClass: "STANDARD_IA" }] }),
    ...(expireDays !== undefined && {
      expiration: { days: expireDays },
      noncurrentVersionExpiration: { noncurrentDays: 1 },
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
