import { lookup } from "node:dns/promises";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls, rootCertificates, type TLSSocket } from "node:tls";
import type { Endpoint } from "./targets.ts";

/** How far somebody got to an address. */
export interface Probed {
  endpoint: string;
  state: "reached" | "failed" | "untested";
  /** Where it ended; null where it was reached or nobody tried. */
  stage: "name" | "connection" | "certificate" | null;
  /** What went wrong or was not tried, and for what was reached how far that goes. */
  message: string;
  milliseconds: number;
  /** Version of TLS, and the last day of the certificate; null without TLS. */
  tls: { version: string; until: string } | null;
}

/** What a probe may do. */
export interface ProbeLimits {
  /** For name, connection and handshake together. */
  timeoutMs: number;
  signal: AbortSignal;
  now: () => Date;
  /** Addresses that are spoken to. */
  reachable: (address: string) => boolean;
}

/** What ended a probe before it got there. */
class Ended extends Error {
  readonly stage: NonNullable<Probed["stage"]>;

  constructor(stage: NonNullable<Probed["stage"]>, message: string) {
    super(message);
    this.stage = stage;
  }
}

/** A certificate that ends within so many days is said. */
const soonDays = 14;
const dayMs = 24 * 60 * 60_000;

/**
 * Looks a name up, connects, and shakes hands where TLS is spoken, with the certificate held against host and authorities. Nothing is sent
 * afterwards, and nobody logs in. Never throws but for a signal.
 */
export async function probe(endpoint: Endpoint, limits: ProbeLimits): Promise<Probed> {
  const { timeoutMs, signal, now, reachable } = limits;
  const started = performance.now();
  const facts = { endpoint: endpoint.label, stage: null, tls: null };
  const milliseconds = () => Math.round(performance.now() - started);
  const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const addresses = await bounded(addressesOf(endpoint.host), until, "name");
    const [address] = addresses.filter(reachable);
    if (address === undefined) {
      const message = "its name stands for a private address here, which is only reachable from inside of that network";
      return { ...facts, state: "untested", message, milliseconds: milliseconds() };
    }
    const tls =
      endpoint.tls === undefined ? await connected(endpoint, address, until) : await shaken(endpoint, address, until);
    return { ...facts, state: "reached", message: reachedMessage(tls, now()), milliseconds: milliseconds(), tls };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!(error instanceof Ended)) throw error;
    const message = until.aborted ? `${error.message}, within ${timeoutMs / 1000} s` : error.message;
    return { ...facts, state: "failed", stage: error.stage, message, milliseconds: milliseconds() };
  }
}

function reachedMessage(tls: Probed["tls"], now: Date): string {
  if (tls === null) return "connected, without TLS; nobody logged in";
  const days = Math.floor((Date.parse(tls.until) - now.getTime()) / dayMs);
  const ends = days < soonDays ? `, which ends in ${days} days` : "";
  return `${tls.version} with a certificate of this host${ends}; nobody logged in`;
}

/** What cannot be cut off is left to itself once the time is over. */
async function bounded<T>(work: Promise<T>, until: AbortSignal, stage: Ended["stage"]): Promise<T> {
  const cut = Promise.withResolvers<never>();
  const stop = () => cut.reject(new Ended(stage, "no answer to the name"));
  if (until.aborted) stop();
  until.addEventListener("abort", stop);
  try {
    return await Promise.race([work, cut.promise]);
  } finally {
    until.removeEventListener("abort", stop);
  }
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Ended("name", code === "ENOTFOUND" ? "there is no such name" : "the name service does not answer");
  }
}

async function connected({ port }: Endpoint, host: string, until: AbortSignal): Promise<null> {
  await ready(connectPlain({ host, port }), "connect", until);
  return null;
}

async function shaken({ host, port, tls }: Endpoint, address: string, until: AbortSignal): Promise<Probed["tls"]> {
  // The name that was looked up is not looked up again: what answers is what was judged.
  const name = isIP(host) === 0 ? { servername: host } : {};
  const ca = tls?.ca === undefined ? {} : { ca: [...rootCertificates, tls.ca] };
  let facts: Probed["tls"] = null;
  const socket: TLSSocket = connectTls({ host: address, port, ...name, ...ca });
  await ready(socket, "secureConnect", until, () => {
    const { valid_to: last } = socket.getPeerCertificate();
    facts = { version: socket.getProtocol() ?? "TLS", until: new Date(last).toISOString() };
  });
  return facts;
}

/** Waits for a socket to be there, looks at it, and lets it go. */
async function ready(socket: Socket, event: string, until: AbortSignal, look?: () => void): Promise<void> {
  let connected = false;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(new Ended("connection", connected ? "connected, and no handshake" : "no answer"));
  socket.once("connect", () => (connected = true));
  socket.once(event, resolve);
  // Stays: what a socket says after it was let go is nobody's failure.
  socket.on("error", (error: NodeJS.ErrnoException) => reject(endOf(error, connected)));
  socket.once("close", () => reject(new Ended("connection", "hung up")));
  until.addEventListener("abort", stop);
  if (until.aborted) stop();
  try {
    await promise;
    look?.();
    // Says goodbye: a broker logs one that only vanishes as a failure.
    socket.destroySoon();
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    until.removeEventListener("abort", stop);
  }
}

const certificates: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is of another host",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from an authority that nobody knows",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from an authority that nobody knows",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "it sends its certificate without those in between",
};

const connections: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "hung up",
  EHOSTUNREACH: "no way leads there",
  ENETUNREACH: "no way leads there",
  ETIMEDOUT: "no answer",
};

/** In words of our own: those of the system repeat hosts, which may be hidden. */
function endOf({ code = "" }: NodeJS.ErrnoException, connected: boolean): Ended {
  const certificate = certificates[code];
  if (certificate !== undefined) return new Ended("certificate", certificate);
  const known = connections[code];
  if (known !== undefined) return new Ended("connection", known);
  return new Ended("connection", connected ? `no TLS is spoken there (${code})` : `no connection (${code})`);
}
