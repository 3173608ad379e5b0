import * as provider from "@pulumi/pulumi/provider/index.js";

/** Packages of remote components: `construct` registers their real children, which the other stand-ins then create. */
export async function serveComponents(packageName: "awsx" | "eks", version: string, args: string[]): Promise<void> {
  const { construct } = packageName === "awsx" ? await import("../remote/awsx.ts") : await import("../remote/eks.ts");
  const schema = JSON.stringify({ name: packageName, version });
  const served = provider.main({ version, schema, construct }, args);
  // It has just mapped every stack trace through source maps, of which several are taken per resource. Types are stripped in place here:
  // Node's own traces say the same.
  Reflect.deleteProperty(Error, "prepareStackTrace");
  await served;
}
