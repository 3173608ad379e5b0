import { isDocument } from "../../../streams/engine/lint/subject.ts";
import type { AtlasStats } from "../../streams/atlas/types.ts";

type Place = Pick<AtlasStats, "kafkaPartitions" | "changeStreamState" | "watermark">;

/** Pure: whether one processor has read everything that another had read of the same source. Where Atlas tells no place, nobody knows, and it counts. */
export function isPast(running: Place, stopped: Place): boolean {
  const { kafkaPartitions: partitions } = stopped;
  if (partitions !== undefined && partitions.length > 0)
    return partitions.every((one) => {
      const same = running.kafkaPartitions?.find(
        ({ topic, partition }) => topic === one.topic && partition === one.partition,
      );
      return same !== undefined && same.currentOffset >= one.checkpointOffset;
    });
  const [here, there] = [tokenOf(running.changeStreamState), tokenOf(stopped.changeStreamState)];
  if (here !== undefined && there !== undefined) return compare(here, there) >= 0;
  const [now, then] = [running.watermark, stopped.watermark].map((text) => Date.parse(text ?? "")) as [number, number];
  return Number.isNaN(now) || Number.isNaN(then) || now >= then;
}

/** Tokens are written so that they sort as the changes they stand for. */
function tokenOf(state: unknown): string | number | undefined {
  const data = isDocument(state) ? state["_data"] : state;
  return typeof data === "string" || typeof data === "number" ? data : undefined;
}

const compare = (a: string | number, b: string | number): number => (a === b ? 0 : a < b ? -1 : 1);
