// Starts the web service: node server.mjs. Settings come from the environment (server/settings.ts names them).
import { main } from "./server/main.ts";

process.exitCode = await main(process.env, process.stdout);
