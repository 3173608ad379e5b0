import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { KubernetesTarget } from "./check-kind.ts";

export interface HttpAnswer {
  status: number;
  /** At most 1 MiB is read. */
  body: string;
}

export interface HttpOptions {
  headers?: Record<string, string>;
  /** PEM of the authority to trust instead of the system's. */
  certificateAuthority?: string;
  signal?: AbortSignal;
}

/** How to ask the API server of a cluster. */
export async function optionsFor({ certificateAuthority, headers }: KubernetesTarget): Promise<HttpOptions> {
  return { headers: await headers(), ...(certificateAuthority === undefined ? {} : { certificateAuthority }) };
}

const bodyLimit = 1024 * 1024;
const requestTimeout = 10_000;

/** One GET without redirects; rejects on connection errors and after ten seconds. */
export function get(url: string, options: HttpOptions = {}): Promise<HttpAnswer> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        headers: { accept: "application/json, */*", ...options.headers },
        timeout: requestTimeout,
        ...(options.certificateAuthority === undefined ? {} : { ca: options.certificateAuthority }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size <= bodyLimit) chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${requestTimeout / 1000} s`)));
    outgoing.on("error", reject);
    outgoing.end();
  });
}
