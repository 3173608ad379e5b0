import type ts from "typescript";

/** True where a value of this type is, or may be, a Pulumi Output. */
export function mayBeOutput(type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some(mayBeOutput);
  return [type, ...(type.isIntersection() ? type.types : [])].some(
    (part) => part.getSymbol()?.name === "OutputInstance" || part.aliasSymbol?.name === "Output",
  );
}

/** True for every class that descends from Pulumi's Resource: custom resources and components alike. */
export function isResource(type: ts.Type): boolean {
  if (type.getSymbol()?.name === "Resource" && type.getProperty("urn") !== undefined) return true;
  return type.isClassOrInterface() && (type.getBaseTypes() ?? []).some(isResource);
}
