import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import { definitionsOf } from "../../deploy/streams/position.ts";
import type { AtlasProcessor } from "../atlas/types.ts";

/**
 * Whether a processor of Atlas has the definition with this digest. Where to begin, which a handover writes into the source of a version, is
 * no part of it.
 */
export const hasDefinition = ({ text, dlq }: Pick<AtlasProcessor, "text" | "dlq">, digest: string): boolean =>
  definitionsOf(text).some((pipelineText) => definitionDigest({ pipelineText, dlq }) === digest);
