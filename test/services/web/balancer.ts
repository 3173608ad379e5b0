import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands for a cluster's Service in front of a stable and a canary pod. */
export interface Balancer {
  url: string;
  close(): Promise<void>;
}

/** Hands every tenth prediction to the last address and the others to the first. Probes go to the first. */
export async function startBalancer(addresses: readonly string[]): Promise<Balancer> {
  let predictions = 0;
  const server = createServer((incoming, outgoing) => {
    if (incoming.method === "POST") predictions += 1;
    const canary = incoming.method === "POST" && predictions % 10 === 0;
    const target = `${canary ? addresses.at(-1) : addresses[0]}${incoming.url ?? ""}`;
    const asked = request(target, { method: incoming.method ?? "GET", headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    asked.on("error", () => outgoing.destroy());
    incoming.pipe(asked);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
