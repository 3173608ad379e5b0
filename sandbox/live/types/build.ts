import type { CloudResource } from "../../types/type-spec.ts";

export { block, list, text } from "../../types/build.ts";

/** Value of an output; inputs are outputs too, so this sees both. */
export function value(resource: CloudResource, property: string): unknown {
  return resource.outputs[property] ?? resource.inputs[property];
}

export function string(resource: CloudResource, property: string): string {
  const found = value(resource, property);
  return typeof found === "string" ? found : "";
}

/** True when the work was done, false when the service knows no such thing. */
export async function found(work: Promise<unknown>): Promise<boolean> {
  return (await orUndefined(work.then(() => true))) ?? false;
}

/** The answer, or undefined when the service knows no such thing. */
export async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Services have a name each for the same thing. */
export function isMissing(error: unknown): boolean {
  const { name = "", $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode === 404 || /NotFound|NoSuch|DoesNotExist|NonExistent/.test(name);
}

/** The part of an object that has values: SDKs take an undefined for a value in some places. */
export function compact<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, item]) => item !== undefined)) as T;
}
