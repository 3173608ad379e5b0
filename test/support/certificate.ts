import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";

/** A key with its certificate, as a server of TLS takes them. */
export interface Identity {
  key: string;
  cert: string;
}

interface Wish {
  /** Names and addresses that it is of. */
  hosts: readonly string[];
  /** Who signs it; itself where nobody does. */
  by?: Authority;
  from?: Date;
  until?: Date;
}

/** Who signs certificates of others. */
export interface Authority extends Identity {
  signer: KeyObject;
}

const tagged = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Buffer[]) => tagged(0x30, ...parts);
const hex = (text: string) => Buffer.from(text, "hex");
/** ecdsa-with-SHA256 */
const algorithm = sequence(tagged(0x06, hex("2a8648ce3d040302")));
const nameOf = (text: string) =>
  sequence(tagged(0x31, sequence(tagged(0x06, hex("550403")), tagged(0x0c, Buffer.from(text)))));
const time = (moment: Date) => tagged(0x18, Buffer.from(`${moment.toISOString().replaceAll(/[-:T]|\.\d+/g, "")}`));
const bits = (content: Buffer) => tagged(0x03, Buffer.from([0]), content);
const extension = (oid: string, critical: boolean, value: Buffer) =>
  sequence(tagged(0x06, hex(oid)), ...(critical ? [tagged(0x01, Buffer.from([255]))] : []), tagged(0x04, value));
const host = (text: string) =>
  isIP(text) === 4 ? tagged(0x87, Buffer.from(text.split(".").map(Number))) : tagged(0x82, Buffer.from(text));
const pem = (content: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${content.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd()}\n-----END CERTIFICATE-----\n`;

const authorityName = "Authority of the tests";
const day = 24 * 60 * 60_000;

/** An authority that nobody knows but who is told of it. */
export function makeAuthority(): Authority {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const isAuthority = extension("551d13", true, sequence(tagged(0x01, Buffer.from([255]))));
  const cert = certificate(authorityName, publicKey, privateKey, authorityName, [isAuthority], {});
  return { key: exported(privateKey), cert, signer: privateKey };
}

/** A certificate of some hosts. */
export function makeIdentity({ hosts, by, ...validity }: Wish): Identity {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const names = extension("551d11", false, sequence(...hosts.map(host)));
  const subject = hosts[0] ?? "nobody";
  const issuer = by === undefined ? subject : authorityName;
  const cert = certificate(subject, publicKey, by?.signer ?? privateKey, issuer, [names], validity);
  return { key: exported(privateKey), cert };
}

const exported = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();

/** X.509, version 3. */
function certificate(
  subject: string,
  key: KeyObject,
  signer: KeyObject,
  issuer: string,
  extensions: readonly Buffer[],
  { from = new Date(Date.now() - day), until = new Date(Date.now() + 365 * day) }: Pick<Wish, "from" | "until">,
): string {
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const facts = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    algorithm,
    nameOf(issuer),
    sequence(time(from), time(until)),
    nameOf(subject),
    key.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions)),
  );
  return pem(sequence(facts, algorithm, bits(sign("sha256", facts, signer))));
}
