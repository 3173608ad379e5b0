import { createHash } from "node:crypto";
import { html, raw, type Content, type Markup } from "./metrics-markup.ts";

/** What every page of the driver is made of. */
export interface PageParts {
  title: string;
  /** Style sheets of this program's own, one after the other. */
  styles: readonly string[];
  /** The page's only script, where it is served and not a file. It may talk to where it came from and to nobody else. */
  script?: string;
  /** What stands in the body. */
  body: Content;
}

/** The name by which a policy lets exactly this text in. */
const sourceOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const styleOf = ({ styles }: Pick<PageParts, "styles">): string => styles.join("\n");

/**
 * What a page may do, for a browser to hold it to: its own style sheet and, where it has one, its own script, both by their digest. Nothing
 * that a name or a message smuggles in runs or is fetched, even if it were not escaped.
 */
export function pagePolicy({ styles, script }: Pick<PageParts, "styles" | "script">): string {
  const live = script === undefined ? "" : `script-src ${sourceOf(script)}; connect-src 'self'; `;
  return `default-src 'none'; style-src ${sourceOf(styleOf({ styles }))}; ${live}base-uri 'none'; form-action 'none'`;
}

/** One self-contained HTML page. Styles and script are put in as they are: a digest counts every space. */
export function htmlPage({ title, styles, script, body }: PageParts): string {
  const parts = { styles, ...(script === undefined ? {} : { script }) };
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${raw(pagePolicy(parts))}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${raw(`<style>${styleOf({ styles })}</style>`)}
      </head>
      <body>
        ${body} ${script !== undefined && scriptElement(script)}
      </body>
    </html> `.text;
}

const scriptElement = (script: string): Markup => raw(`<script>${script}</script>`);
