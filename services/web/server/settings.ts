import path from "node:path";

/** Where the service listens, whom it asks, and how long it waits. */
export interface Settings {
  host: string;
  port: number;
  /** Base address of the api service, without a slash at its end. */
  apiUrl: string;
  environment: string;
  /** Folder that `vite build` wrote. */
  dist: string;
  /** Milliseconds for one answer of the api. */
  apiTimeout: number;
  /** Milliseconds that requests in flight get after SIGTERM. */
  drain: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings from the environment. Throws an Error that names the variable which cannot be used. */
export function loadSettings(environment: Environment, folder = path.resolve(import.meta.dirname, "..")): Settings {
  const refuse = (name: string, expected: string): never => {
    throw new Error(`${name}: got ${JSON.stringify(environment[name])}, expected ${expected}`);
  };
  const number = (name: string, fallback: number, least: number, most: number) => {
    const value = environment[name] ?? String(fallback);
    if (!/^\d{1,9}$/u.test(value) || Number(value) < least || Number(value) > most)
      refuse(name, `a whole number from ${least} to ${most}`);
    return Number(value);
  };
  const api = environment["API_URL"] ?? "http://api:8000";
  const url = URL.parse(api);
  if (!url || !/^https?:$/u.test(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "")
    refuse("API_URL", "an http or https address without credentials, query and fragment");
  const name = environment["ENVIRONMENT"] ?? "local";
  if (!/^[a-z][a-z0-9-]{0,31}$/u.test(name)) refuse("ENVIRONMENT", "lower-case letters, digits and hyphens");
  return {
    host: environment["HOST"] ?? "0.0.0.0",
    port: number("PORT", 8080, 0, 65_535),
    apiUrl: api.replace(/\/+$/u, ""),
    environment: name,
    dist: path.resolve(folder, environment["DIST"] ?? "dist"),
    apiTimeout: number("API_TIMEOUT_MILLISECONDS", 10_000, 1, 60_000),
    drain: number("DRAIN_MILLISECONDS", 20_000, 0, 120_000),
  };
}
