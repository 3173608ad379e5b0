import { request } from "node:https";

/** What the server said. */
export interface Answer {
  status: number;
  /** What the server warned of, e.g. a pod that its namespace would refuse. */
  warnings: string[];
  body: { message?: string } & Record<string, unknown>;
}

/** How to reach a server on 127.0.0.1. */
export interface Place {
  port: number;
  token: string;
}

/** One request; a PATCH is a server-side apply. */
export function call({ port, token }: Place, method: string, path: string, body: unknown): Promise<Answer> {
  const type = method === "PATCH" ? "application/apply-patch+yaml" : "application/json";
  const headers = { authorization: `Bearer ${token}`, accept: "application/json", "content-type": type };
  return new Promise((resolve, reject) => {
    // The certificate is made at each start and nobody else knows its authority.
    const options = { host: "127.0.0.1", port, method, path, headers, rejectUnauthorized: false };
    const outgoing = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const warnings = (response.headers["warning"] ?? "").split(", ").filter((line) => line !== "");
        resolve({ status: response.statusCode ?? 0, warnings, body: text.startsWith("{") ? parse(text) : {} });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const parse = (text: string) => JSON.parse(text) as Answer["body"];
