import type { PendingOperation } from "../engine/inflight.ts";
import { nameOfUrn, typeOfUrn } from "../engine/urn.ts";

/** What to type about a create whose end nobody has seen: it may exist without anybody knowing. */
export const importAdvice = (stack: string, type: string, name: string): string =>
  `look whether ${name} exists; where it does, pulumi import ${type} ${name} <id> --stack ${stack}; then pulumi refresh --stack ${stack} --clear-pending-creates`;

/** A line an operation. Only creates can leave something behind; the others are settled by the next run. */
export const pendingLines = (stack: string, pending: readonly PendingOperation[]): string[] =>
  pending.map(({ urn, type: operation }) => {
    const type = typeOfUrn(urn);
    const name = nameOfUrn(urn);
    const what = `${operation} ${name} (${type}) was cut off`;
    return operation === "creating" ? `${what}: ${importAdvice(stack, type, name)}` : `${what}: this run settles it`;
  });
