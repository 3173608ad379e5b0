import { createHash } from "node:crypto";

/** What a pipeline is known by: the digest of its compact JSON, keys in the order in which they were written. */
export const pipelineDigest = (pipelineText: string) =>
  `sha256:${createHash("sha256").update(pipelineText).digest("hex")}`;
