import { ExitCode, SlipwayError } from "../../errors.ts";

/** How the Admin API is let in. */
export type Credentials =
  { kind: "service-account"; id: string; secret: string } | { kind: "digest"; publicKey: string; privateKey: string };

type Variables = Readonly<Record<string, string | undefined>>;

const pairs = [
  { kind: "service-account", names: ["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"] },
  { kind: "digest", names: ["MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"] },
] as const;

/** Names that environments go by in the variables of other tools. */
const longNames: Readonly<Record<string, string>> = { prod: "PRODUCTION", dev: "DEVELOPMENT" };

/**
 * Finds credentials: a service account, else a pair of API keys, else the pair of the environment as `config.env` names them.
 * @throws SlipwayError (credentials) where there are none, or only half of a pair
 */
export function credentialsFrom(variables: Variables, environment?: string): Credentials {
  const keys = ["ATLAS_PUBLIC_KEY", "ATLAS_PRIVATE_KEY"] as const;
  const suffixes = environment === undefined ? [] : [environment.toUpperCase(), longNames[environment] ?? ""];
  const named = suffixes.filter(Boolean).map((suffix) => keys.map((key) => `${key}_${suffix.replaceAll("-", "_")}`));
  const all = [...pairs, ...[...named, [...keys]].map((names) => ({ kind: "digest", names }) as const)];
  for (const { kind, names } of all) {
    const [first = "", second = ""] = names;
    const [id, secret] = [variables[first], variables[second]];
    if (id && secret)
      return kind === "service-account" ? { kind, id, secret } : { kind, publicKey: id, privateKey: secret };
    if (id || secret) throw half(id ? first : second, id ? second : first);
  }
  throw new SlipwayError(ExitCode.credentials, "There are no credentials for Atlas.", {
    where: all.map(({ names }) => names.join(" and ")).join("; or "),
    next: "Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET of a service account, or use --sandbox.",
  });
}

const half = (there: string, missing: string) =>
  new SlipwayError(ExitCode.credentials, `${there} is set, and ${missing} is not.`, {
    where: "environment variables",
    next: `Set ${missing}, too, or unset ${there}.`,
  });

const publicAddress = "https://cloud.mongodb.com";

/** Where the Admin API is, without a slash at the end. @throws SlipwayError (usage) for what credentials must not be sent to */
export function addressFrom(variables: Variables): string {
  const given = variables["MONGODB_ATLAS_BASE_URL"] || publicAddress;
  const refuse = (rule: string) =>
    // The address itself may hold a password.
    new SlipwayError(ExitCode.usage, `MONGODB_ATLAS_BASE_URL ${rule}.`, {
      where: "environment variables",
      next: `Set it to ${publicAddress}, or unset it.`,
    });
  if (!URL.canParse(given)) throw refuse("is not a URL");
  const url = new URL(given);
  if (url.username !== "" || url.password !== "") throw refuse("holds a user or a password");
  if (url.search !== "" || url.hash !== "") throw refuse("holds more than an address");
  const local = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(local && url.protocol === "http:"))
    throw refuse("is not https, and only this machine may be asked without");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
