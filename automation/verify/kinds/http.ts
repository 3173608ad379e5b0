import type { Check } from "../../../config/outputs.ts";
import type { CheckKind, Probe, VerifyTargets } from "../check-kind.ts";
import { get, optionsFor, type HttpOptions } from "../http.ts";

type HttpCheck = Extract<Check, { kind: "http" }>;

interface Address {
  /** As people know it. */
  shown: string;
  url: string;
  options: HttpOptions;
  simulated: boolean;
}

/** A service of a cluster is asked through the API server (`…/services/<name>:<port>/proxy/…`), which needs no way in from outside. */
async function addressOf({ url, service }: HttpCheck, targets: VerifyTargets): Promise<Address | undefined> {
  if (service === undefined) {
    if (url === undefined) return undefined;
    const { url: located, simulated = false } = (await targets.locate?.(url)) ?? { url };
    return { shown: url, url: located, options: {}, simulated };
  }
  const { cluster, namespace, name, port, path } = service;
  const target = await targets.kubernetes(cluster);
  const proxy = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}:${port}/proxy`;
  return {
    shown: `${name}:${port}${path}`,
    url: `${target.server}${proxy}${path}`,
    options: await optionsFor(target),
    simulated: target.simulated ?? false,
  };
}

/** A URL, or a service inside a cluster, answers with the expected status (default 200) and, where asked for, contains a text. */
export const http: CheckKind<"http"> = {
  kind: "http",
  async probe(check, { targets, signal }): Promise<Probe> {
    const expected = check.status ?? 200;
    const address = await addressOf(check, targets);
    if (address === undefined) return { state: "failed", detail: "the check names neither a URL nor a service" };
    const { shown, url, options, simulated } = address;
    if (simulated) return { state: "passed", detail: `${shown} was not asked: no process serves it`, simulated };
    try {
      const answer = await get(url, { ...options, signal });
      if (answer.status !== expected)
        return { state: "pending", detail: `${shown} answered ${answer.status}, expected ${expected}` };
      if (check.contains !== undefined && !answer.body.includes(check.contains))
        return { state: "pending", detail: `${shown} answered without the text "${check.contains}"` };
      return { state: "passed", detail: `${shown} answered ${answer.status}` };
    } catch (error) {
      return { state: "pending", detail: `${shown}: ${(error as Error).message}` };
    }
  },
};
