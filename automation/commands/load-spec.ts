import type { VerbSpec } from "./index.ts";

/** The command line of `load`. */
export const loadVerb: VerbSpec = {
  name: "load",
  arguments: "<environment>",
  summary: "an even load on one service for a short time; ends with code 7 when a limit is broken",
  options: [
    ["--service <name>", "the http check whose address is asked (default: the only one that can be asked from here)"],
    ["--url <url>", "an address of this machine instead, as kubectl port-forward and `sandbox serve` open them"],
    ["--rate <count>", "requests a second, 1 to 500 (default: 10)"],
    ["--seconds <count>", "how long, 1 to 300 (default: 10)"],
    ["--p99 <milliseconds>", "99 of 100 requests have to be answered within this (default: 1000)"],
    ["--errors <percent>", "as many may fail (default: 1)"],
    ["--prod", "mean it, where customers are served"],
  ],
  load: () => import("./load.ts"),
};
