import { isVerified } from "../folds.ts";
import { gate, pass, refuse, short, stepTo, type Gate } from "./gate.ts";

/** What goes on is, digest by digest, what passed verification upstream: a release's id is made of its digests. */
export const lineage: Gate = gate("lineage", ({ environment, release, upstream }) => {
  const { name, upstream: before } = environment;
  if (before === undefined) return pass(`${name} is the first environment`);
  if (release === undefined) return refuse(`without a release there is nothing that ${before} could have verified`);
  if (upstream?.policy.name !== before)
    return refuse(`nothing is known of ${before}`, `slipway promote ${before} --commit ${release.commit}`);
  if (isVerified(upstream.records, release.id)) return pass(`${before} has verified release ${short(release.id)}`);
  const failed = upstream.records.some(
    (record) => record.kind === "failed" && record.stage === "verify" && record.release === release.id,
  );
  const how = failed ? ": it did not pass verification there" : "";
  return refuse(
    `${before} has not verified release ${short(release.id)}${how}`,
    stepTo(upstream.policy, release.commit),
  );
});
