import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { parse, type DefaultTreeAdapterTypes } from "parse5";

type Node = DefaultTreeAdapterTypes.Node;

/** What a page of Markdown turns into, as GitHub's own flavour of it says. */
export interface Rendered {
  tags: Set<string>;
  links: string[];
  /** Text that is not inside of code: where GitHub looks for mentions and references. */
  prose: string;
}

/** Renders with raw HTML let through, as GitHub does before it cleans it. */
export function rendered(markdown: string): Rendered {
  const html = micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
  const found: Rendered = { tags: new Set(), links: [], prose: "" };
  visit(parse(html), false, found);
  return found;
}

function visit(node: Node, inCode: boolean, found: Rendered): void {
  if ("tagName" in node) {
    found.tags.add(node.tagName);
    for (const { name, value } of node.attrs)
      if (name === "href" || name === "src") found.links.push(value);
      else if (name.startsWith("on") || name === "style") found.tags.add(`attribute ${name}`);
  }
  if (node.nodeName === "#comment") found.tags.add("#comment");
  if ("value" in node && node.nodeName === "#text" && !inCode) found.prose += node.value;
  const code = inCode || ("tagName" in node && (node.tagName === "code" || node.tagName === "pre"));
  if ("childNodes" in node) for (const child of node.childNodes) visit(child, code, found);
}
