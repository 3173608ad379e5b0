import type { Socket } from "node:net";

import type { CloudResource } from "../types/type-spec.ts";

/** The first line of a client; without the token the connection is closed. */
export interface Hello {
  token: string;
}

export type Request =
  | { id: number; operation: "ready" }
  | { id: number; operation: "ensure" | "remove"; resource: CloudResource }
  | { id: number; operation: "stop" };

export interface Reply {
  id: number;
  /** What went wrong, in the emulator's words. */
  error?: string;
  /** Answer to `ready`. */
  endpoint?: string;
  /** Answer to `ready`: where SageMaker and CodeDeploy answer. */
  awsApi?: string;
  /** Answer to `ready`: resources that could not be brought in line, with the reason. */
  problems?: string[];
}

/** How to reach a supervisor, as the endpoint file says. */
export interface SupervisorAddress {
  pid: number;
  started: string;
  port: number;
  token: string;
}

/** Calls back for each JSON line; a line that is no JSON ends the connection. */
export function onLines(socket: Socket, receive: (message: unknown) => void): void {
  let rest = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      try {
        receive(JSON.parse(line));
      } catch (error) {
        socket.destroy(error as Error);
        return;
      }
    }
  });
}

export function sendLine(socket: Socket, message: Hello | Request | Reply): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
