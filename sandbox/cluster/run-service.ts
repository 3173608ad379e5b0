/**
 * Runs a script as a container would: `node run-service.ts <script> <word>…`, in the folder of the image. It ends when the pipe on standard
 * input is closed, which happens when the process that started it ends in whatever way. The pipe is watched from a thread of its own, so
 * that a script that never comes back to its event loop ends as well.
 *
 * Whatever address the script asks for, it listens on 127.0.0.1 and the port in PORT.
 */
import { Server, Socket } from "node:net";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";

const patienceMs = 2_000;

function endWithParent(): void {
  const pipe = new Socket({ fd: 0, readable: true, writable: false });
  pipe.on("error", () => pipe.destroy());
  pipe.on("close", () => {
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.kill(-process.pid, "SIGKILL"), patienceMs);
  });
  pipe.resume();
}

/** The first server gets the port of the service; further ones, such as one for metrics, a free one. */
function listenLocally(port: number): void {
  const ports = [port];
  const listen = Server.prototype.listen as (this: Server, ...words: unknown[]) => Server;
  Server.prototype.listen = function (this: Server, ...words: unknown[]): Server {
    const callback = words.findLast((word) => typeof word === "function");
    const address = { host: "127.0.0.1", port: ports.shift() ?? 0 };
    return Reflect.apply(listen, this, callback === undefined ? [address] : [address, callback]);
  };
}

if (isMainThread) {
  new Worker(new URL(import.meta.url)).unref();
  listenLocally(Number(process.env["PORT"]));
  const [node = "", , script = "", ...words] = process.argv;
  const file = resolve(script);
  process.argv = [node, file, ...words];
  await import(pathToFileURL(file).href);
} else endWithParent();
