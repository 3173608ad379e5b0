import { verbOf } from "./actions.ts";

/** `ephemeral <action>`: stacks of pull requests, which end by themselves. */
export const run = verbOf({
  up: async () => (await import("./ephemeral-up.ts")).run,
  list: async () => (await import("./ephemeral-list.ts")).run,
  down: async () => (await import("./ephemeral-sweep.ts")).down,
  sweep: async () => (await import("./ephemeral-sweep.ts")).sweep,
});
