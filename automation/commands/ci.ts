import { verbOf } from "./actions.ts";

/** `ci <action>`: what workflows ask. Each of them may be tried at a terminal. */
export const run = verbOf({
  affected: async () => (await import("./ci-affected.ts")).run,
  messages: async () => (await import("./ci-messages.ts")).run,
  route: async () => (await import("./ci-route.ts")).run,
  secrets: async () => (await import("./ci-secrets.ts")).run,
  credentials: async () => (await import("./ci-credentials.ts")).credentials,
  token: async () => (await import("./ci-credentials.ts")).token,
});
