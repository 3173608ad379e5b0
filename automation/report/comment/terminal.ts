import type { Console } from "../console.ts";
import { table } from "../table.ts";
import { visible } from "./escape.ts";
import { hitsOf } from "./danger.ts";
import { headline } from "./headline.ts";
import type { PreviewModel } from "./model.ts";
import { cellsOf, columns } from "./stacks-table.ts";

/** The model for a person at a terminal: the same headline, table and dangers as in the comment. */
export function previewText({ colors }: Console, model: PreviewModel): string {
  const said = headline(model, colors.bold).replaceAll("`", "");
  const head = columns.map((name) => colors.bold(name));
  const dangers = hitsOf(model).map(({ stack, change }) => {
    const forced = change.properties.filter(({ replaces }) => replaces).map(({ path }) => path);
    const why = forced.length === 0 ? "" : ` [${forced.join(", ")}]`;
    const holds = change.stateful === undefined ? "" : `, ${change.stateful}`;
    const kept = change.protect ? ", protected" : "";
    return `  ${colors.red(change.op)} ${stack} ${visible(change.name)} ${colors.dim(visible(change.type))}${visible(why)}${holds}${kept}`;
  });
  const failures = model.stacks.flatMap(({ stack, failure }) =>
    failure === undefined ? [] : [`  ${colors.red("failed")} ${stack}: ${visible(failure.message)}`],
  );
  return [...table([head, ...model.stacks.map(cellsOf)]), ...failures, ...dangers, said].join("\n");
}

/** The model for a machine. */
export function previewJson(model: PreviewModel): Record<string, unknown> {
  const { run, verdict, stacks, ground } = model;
  return { schema: model.schema, run, verdict, headline: headline(model).replaceAll("**", ""), stacks, ground };
}
