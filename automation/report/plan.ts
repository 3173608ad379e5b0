import { planInputNames, type PlanEnvelope } from "../plans/envelope.ts";
import { planSteps } from "../plans/steps.ts";
import type { Console } from "./console.ts";
import { table } from "./table.ts";

/** What `preview` says of the plan it made. */
export function planLine({ colors }: Console, envelope: PlanEnvelope, file: string | undefined): string {
  const { planDigest, stack, expiresAt } = envelope;
  const digest = colors.dim(`plan ${planDigest}`);
  if (file === undefined) return digest;
  return `${digest}\nsaved in ${file} until ${expiresAt}\n  next: ./slipway up ${stack} --plan ${file}`;
}

const marks: Record<string, string> = { create: "+", update: "~", delete: "-", replace: "+-", import: "=" };

/** A saved plan for a person: what it was made from and what it allows. Names of properties, never values. */
export function planText(console: Console, envelope: PlanEnvelope): string {
  const { colors } = console;
  const { stack, planDigest, createdAt, expiresAt, targets } = envelope;
  const steps = planSteps(envelope.plan);
  const changes = steps.filter(({ op }) => op !== "same");
  const facts = [
    ["stack", stack],
    ["digest", planDigest],
    ["made", createdAt],
    ["expires", expiresAt],
    ...(targets === undefined ? [] : [["only", targets.join(", ")]]),
    ...planInputNames.map((name) => [name, `${envelope.inputs[name].says} ${colors.dim(short(envelope, name))}`]),
  ];
  const lines = changes.map(({ op, name, type, properties }) => {
    const paths = properties.length > 0 ? colors.dim(` [${properties.join(", ")}]`) : "";
    return `  ${(marks[op] ?? "*").padEnd(2)} ${name} ${colors.dim(type)}${paths}`;
  });
  const same = steps.length - changes.length;
  return [...table(facts), ...lines, `${changes.length} to change, ${same} to stay`].join("\n");
}

const short = ({ inputs }: PlanEnvelope, name: (typeof planInputNames)[number]): string =>
  inputs[name].digest.slice(0, 12);
