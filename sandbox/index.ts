/** The sandbox as the driver sees it; `automation/engine` is its only importer in product code. */
export { Cloud, type Address, type StoredResource } from "./cloud/cloud.ts";
export {
  environmentOf,
  prepareSandbox,
  simulatedPackages,
  type PrepareOptions,
  type SandboxWorkspace,
} from "./prepare.ts";
export { posixQuote, shellLines, type ShellOptions } from "./shell.ts";
