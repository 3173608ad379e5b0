import { StringDecoder } from "node:string_decoder";

/** Cuts a stream of bytes into lines. A character or a line may be split between two chunks; an unfinished line waits. */
export interface LineSplitter {
  push(chunk: Uint8Array): string[];
  /** The unfinished rest, for the end of the stream. */
  flush(): string[];
}

export function createLineSplitter(): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    push(chunk) {
      const lines = (rest + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))).split("\n");
      rest = lines.pop() ?? "";
      return lines.filter((line) => line !== "");
    },
    flush() {
      const last = rest + decoder.end();
      rest = "";
      return last === "" ? [] : [last];
    },
  };
}
