import type { IncomingMessage } from "node:http";

export const MAX_BODY_BYTES = 1_048_576;

/** A body that is not read further. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
  constructor() {
    super(`at most ${MAX_BODY_BYTES} bytes`);
  }
}

/** The whole body. Throws BodyTooLarge as soon as it is too large, whatever its declared length says. */
export function readBody(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on("data", (chunk: Uint8Array) => {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) {
        // The rest is thrown away as it comes: a sender that is cut off in the middle never sees the answer.
        request.removeAllListeners("data").resume();
        reject(new BodyTooLarge());
        return;
      }
      chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
  });
}
