import type { Check } from "../../config/checks.ts";
import { ExitCode, SlipwayError } from "../errors.ts";

/** Where load goes: to a service that the environment tells of, or to one on this machine. */
export interface Wanted {
  service: string | undefined;
  url: string | undefined;
}

/** Hosts of this machine. */
const here = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The address that is asked. It is one of the environment's own or of this machine, so that nobody is put under load by a typo.
 * @throws SlipwayError (usage, not found) where it is neither
 */
export function addressOf(checks: readonly Check[], environment: string, { service, url }: Wanted): string {
  const known = checks.flatMap((check) =>
    check.kind === "http" && check.url !== undefined ? [{ name: check.name, url: check.url }] : [],
  );
  if (url !== undefined) return localAddress(url, service);
  const found = service === undefined && known.length === 1 ? known[0] : known.find(({ name }) => name === service);
  if (found !== undefined) return found.url;
  const next =
    known.length === 0
      ? "Open a way to it, e.g. kubectl port-forward, and name that with --url http://127.0.0.1:PORT/PATH."
      : `Use --service with one of: ${known.map(({ name }) => name).join(", ")}; or --url with a port of this machine.`;
  const what =
    service === undefined ? "No service is named" : `No service ${JSON.stringify(service)} can be asked from here`;
  throw new SlipwayError(ExitCode.notFound, `${what}.`, { where: `checks of ${environment}`, next });
}

function localAddress(given: string, service: string | undefined): string {
  const refuse = (message: string, next: string) => new SlipwayError(ExitCode.usage, message, { where: "--url", next });
  if (service !== undefined) throw refuse("--service and --url both say where load goes.", "Give one of them.");
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url !== undefined && ["http:", "https:"].includes(url.protocol) && here.has(url.hostname)) return url.href;
  throw refuse(
    `--url: got ${JSON.stringify(given)}, expected http:// or https:// with 127.0.0.1, [::1] or localhost.`,
    "kubectl port-forward and ./slipway sandbox serve open such an address.",
  );
}
