import type { VerbSpec } from "./index.ts";

/** `images`: the steps from a service's folder to what a cluster pulls. */
export const imagesVerb: VerbSpec = {
  name: "images",
  arguments: "<action> [services...]",
  summary:
    "images of the services: build, smoke (run, wait until healthy), scan (vulnerabilities; exit code 5), push (to the operations account)",
  options: [
    ["--mirror <registry>", "push: also copy each image there, e.g. docker.io/acme"],
    [
      "--checksums <file>",
      "push: digests and names of what was built go there, for an attestation of provenance; none, no file",
    ],
    ["--severity <severity>", "scan: the least severity that counts (default: high)"],
    ["--output <folder>", "scan: where the SARIF files go (default: .slipway/scans)"],
    ["--timeout <seconds>", "smoke: how long it may take to get healthy (default: 60)"],
  ],
  load: () => import("./images.ts"),
};
