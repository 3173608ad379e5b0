import type { VerbSpec } from "./index.ts";

/** The command line of `board`. */
export const boardVerb: VerbSpec = {
  name: "board",
  summary: "environments, releases, gates, drift and history as a page: served on 127.0.0.1 until Ctrl-C, or as a file",
  options: [
    ["--port <port>", "serve there (default: 7878; 0 takes a free one)"],
    ["--out <folder>", "write index.html there instead, as of now"],
  ],
  load: () => import("./board.ts"),
};
