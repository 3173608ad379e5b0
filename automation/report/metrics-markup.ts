/** Text that is HTML already. Only `html` and `raw` make it, so everything else is escaped where it is put in. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may be put into a page; undefined and false leave nothing behind. */
export type Content = string | number | undefined | false | Markup | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes for text and quoted attributes alike. Control characters and marks that turn the direction of text become a replacement character. */
export function escapeHtml(text: string): string {
  return (
    text
      .toWellFormed()
      // eslint-disable-next-line no-control-regex -- they have no place in a page and may hide what follows
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd")
      .replaceAll(/\p{Noncharacter_Code_Point}/gu, "\ufffd")
      .replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? "")
  );
}

function shown(content: Content): string {
  if (content === undefined || content === false) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "string" || typeof content === "number") return escapeHtml(String(content));
  return content.map(shown).join("");
}

/** A template whose values are escaped unless they are markup. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, index) => part + shown(values[index])).join(""));
}

/** Text of this program's own that needs no escaping, such as a style sheet. */
export const raw = (text: string): Markup => new Markup(text);

/** A table with a caption and column heads; the first cell of each row is its head. */
export function htmlTable(caption: string, heads: readonly string[], rows: readonly (readonly Content[])[]): Markup {
  const line = ([first, ...rest]: readonly Content[]) =>
    html`<tr>
      <th scope="row">${first}</th>
      ${rest.map((cell) => html`<td>${cell}</td>`)}
    </tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    ${tableOf(caption, heads, rows.map(line))}
  </div>`;
}

/** The table alone, of rows that are markup already. */
export function tableOf(caption: string, heads: readonly Content[], rows: readonly Markup[]): Markup {
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        ${heads.map((head) => html`<th scope="col">${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
