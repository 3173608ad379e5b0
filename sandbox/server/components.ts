import * as provider from "@pulumi/pulumi/provider/index.js";

/** Packages of remote components: `construct` registers their real children, which the other stand-ins then create. */
export async function serveComponents(packageName: "awsx" | "eks", version: string, args: string[]): Promise<void> {
  const { construct } = packageName === "awsx" ? await import("../remote/awsx.ts") : await import("../remote/eks.ts");
  const schema = JSON.stringify({ name: packageName, version });
  await provider.main({ version, schema, construct }, args);
}
