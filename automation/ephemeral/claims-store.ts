import { ExitCode, SlipwayError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { claimsSchema, type Claim } from "./claims.ts";

/** Where the claims are kept. */
export const claimsKey = "ephemeral/stacks.json";

const attempts = 20;

interface Found {
  claims: Claim[];
  etag: string | undefined;
}

async function read(store: Store): Promise<Found> {
  const stored = await store.get(claimsKey);
  if (stored === undefined) return { claims: [], etag: undefined };
  try {
    const { claims } = claimsSchema.parse(JSON.parse(Buffer.from(stored.body).toString("utf8")));
    return { claims, etag: stored.etag };
  } catch (cause) {
    throw new SlipwayError(ExitCode.unexpected, "What is kept of ephemeral stacks cannot be read; none is touched.", {
      where: `${store.location} ${claimsKey}`,
      next: "Look at the document. `pulumi stack ls` shows which stacks there are.",
      cause,
    });
  }
}

/** All claims, by number. */
export const readClaims = async (store: Store): Promise<Claim[]> => (await read(store)).claims;

/** Changes the claims as nobody else does at the same time: after a lost race, the change is made on what is there then. */
export async function changeClaims(store: Store, change: (claims: Claim[]) => Claim[]): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const { claims, etag } = await read(store);
    const text = `${JSON.stringify({ schema: 1, claims: change(claims) }, undefined, 2)}\n`;
    const condition = etag === undefined ? ({ ifAbsent: true } as const) : { ifMatch: etag };
    if ((await store.put(claimsKey, text, condition)).ok) return;
  }
  throw new SlipwayError(ExitCode.unexpected, `Others changed the ephemeral stacks ${attempts} times in between.`, {
    where: `${store.location} ${claimsKey}`,
    next: "Run the same command again.",
  });
}
