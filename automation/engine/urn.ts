const stackType = "pulumi:pulumi:Stack";

/** The logical name of a resource: the last part of its URN. */
export const nameOfUrn = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** The type token of a resource, without the types of its parents. */
export const typeOfUrn = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

/** Whether a URN is that of a stack itself. */
export const isStackUrn = (urn: string): boolean => urn.split("::")[2] === stackType;
