import { z } from "zod";

/** Names that a sweep may ever delete. No environment can be called so. */
export const stackName = /^pr-[1-9]\d{0,8}$/u;

/** One of them as the store holds it. */
export const claimSchema = z.strictObject({
  stack: z.string().regex(stackName),
  account: z.string().regex(/^\d{12}$/u),
  by: z.string(),
  commit: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

/** A stack of a pull request, its account, and until when it has it. */
export type Claim = z.infer<typeof claimSchema>;

/** What the store holds of them, in one document, so that an account is never given away twice. */
export const claimsSchema = z.strictObject({ schema: z.literal(1), claims: z.array(claimSchema) });

/** Somebody's wish for a stack. */
export interface Wish {
  stack: string;
  by: string;
  commit: string;
  now: Date;
  timeToLive: number;
}

export type Answer = { claims: Claim[]; claim: Claim } | { full: Claim[] };

/** Gives a stack a free account, or the time anew to one that has its account. Without a free account, says who has them. */
export function withClaim(claims: readonly Claim[], accounts: readonly string[], wish: Wish): Answer {
  const { stack, by, commit, now, timeToLive } = wish;
  const own = claims.find((one) => one.stack === stack);
  const others = claims.filter((one) => one !== own);
  const taken = new Set(others.map(({ account }) => account));
  const account = own?.account ?? accounts.find((one) => !taken.has(one));
  if (account === undefined) return { full: [...claims] };
  const expiresAt = new Date(now.getTime() + timeToLive).toISOString();
  const made: Claim = { stack, account, by, commit, createdAt: own?.createdAt ?? now.toISOString(), expiresAt };
  return { claims: [...others, made].sort(byStack), claim: made };
}

/** Whether its time is over. */
export const isOver = ({ expiresAt }: Claim, now: Date): boolean => Date.parse(expiresAt) <= now.getTime();

/** Those without a stack, once everything of it is deleted; one that was given more time meanwhile stays. */
export const withoutClaim = (claims: readonly Claim[], gone: Claim): Claim[] =>
  claims.filter(({ stack, expiresAt }) => stack !== gone.stack || expiresAt !== gone.expiresAt);

const number = ({ stack }: Claim) => Number(stack.slice("pr-".length));
const byStack = (one: Claim, other: Claim) => number(one) - number(other);
