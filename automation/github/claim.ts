import { z } from "zod";
import { isNewer } from "../report/comment/marker.ts";
import type { Store } from "../store/store.ts";

const claimSchema = z.strictObject({
  run: z.int().nonnegative(),
  attempt: z.int().nonnegative(),
  /** The whole comment, so that whoever wrote over it can put it back. */
  text: z.string(),
  author: z.string(),
});

/** What the newest run has to say in a pull request. */
export type Claim = z.infer<typeof claimSchema>;

/** Where runs that comment on the same pull request meet. */
export interface Claims {
  newest(): Promise<Claim | undefined>;
  /** Makes this the newest; false where a newer one is known already. */
  claim(mine: Claim): Promise<boolean>;
}

export function claimsOf(store: Pick<Store, "get" | "put">, repository: string, pullRequest: number): Claims {
  const key = `comments/${repository.replace("/", "-").replace(/^\.+/, "_")}/${pullRequest}.json`;
  const read = async () => {
    const stored = await store.get(key);
    if (stored === undefined) return undefined;
    const parsed = claimSchema.safeParse(jsonOrUndefined(stored.body));
    return { claim: parsed.data, etag: stored.etag };
  };
  return {
    newest: async () => (await read())?.claim,
    async claim(mine) {
      for (;;) {
        const found = await read();
        if (found?.claim !== undefined && isNewer(found.claim, mine)) return false;
        const condition = found === undefined ? ({ ifAbsent: true } as const) : { ifMatch: found.etag };
        const { ok } = await store.put(key, `${JSON.stringify(mine)}\n`, condition);
        if (ok) return true;
      }
    },
  };
}

function jsonOrUndefined(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}
