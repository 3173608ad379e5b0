import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse, type DefaultTreeAdapterTypes, type ParserError } from "parse5";
import { boardOf } from "../../automation/board/model.ts";
import { boardPage, boardPolicy } from "../../automation/board/page.ts";
import { coarseAgo } from "../../automation/board/parts.ts";
import { sampleBoard, sampleFacts, sampleNow } from "./sample.ts";

type Element = DefaultTreeAdapterTypes.Element;

const client = readFileSync(join(import.meta.dirname, "..", "..", "automation", "board", "client.js"), "utf8");

/** Every element of a page, and every mistake that a parser finds in it. */
function read(page: string): { elements: Element[]; errors: string[]; text: string } {
  const errors: string[] = [];
  const elements: Element[] = [];
  let text = "";
  const visit = (node: DefaultTreeAdapterTypes.Node) => {
    if ("tagName" in node) elements.push(node);
    if (node.nodeName === "#text" && "value" in node) text += node.value;
    if ("childNodes" in node) node.childNodes.forEach(visit);
  };
  visit(parse(page, { onParseError: ({ code }: ParserError) => void errors.push(code) }));
  return { elements, errors, text: text.replaceAll(/\s+/g, " ") };
}

const attribute = (element: Element, name: string) => element.attrs.find((one) => one.name === name)?.value;
const named = (elements: readonly Element[], tag: string) => elements.filter(({ tagName }) => tagName === tag);
const content = (element: Element) => element.childNodes.map((node) => ("value" in node ? node.value : "")).join("");
const deepText = (node: DefaultTreeAdapterTypes.Node): string =>
  "value" in node ? node.value : "childNodes" in node ? node.childNodes.map(deepText).join("") : "";
const policyOf = (elements: readonly Element[]) =>
  elements
    .flatMap((one) => (attribute(one, "http-equiv") === undefined ? [] : (attribute(one, "content") ?? [])))
    .join();
const digest = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

describe("the page of a board", () => {
  const { elements, errors, text } = read(boardPage(sampleBoard()));

  it("is right HTML with unique ids, landmarks and heads", () => {
    assert.deepEqual(errors, []);
    const ids = elements.flatMap((element) => attribute(element, "id") ?? []);
    assert.equal(new Set(ids).size, ids.length);
    for (const element of elements)
      for (const id of (attribute(element, "aria-labelledby") ?? "").split(" ").filter(Boolean))
        assert.ok(ids.includes(id), id);
    for (const tag of ["main", "header", "h1"]) assert.equal(named(elements, tag).length, 1, tag);
    assert.equal(named(elements, "article").length, 4);
    assert.ok(named(elements, "th").every((head) => ["col", "row"].includes(attribute(head, "scope") ?? "")));
    assert.ok(named(elements, "th").every((head) => deepText(head).trim() !== ""));
    assert.equal(named(elements, "caption").length, named(elements, "table").length);
  });

  it("shows what stands, moves, waits and why, what to type, drift, checks, keys and history", () => {
    for (const wanted of [
      "promote running",
      "4 created, 9 updated, 201 unchanged",
      "3 of 5 gates refuse it",
      "0 of 2 people agree",
      "./slipway freeze prod --lift",
      "drift: 1 finding",
      "tags.owner: platform ->",
      "3 of 3 checks passed",
      "stands, verified",
      "rolled back: 1 of 2 checks failed",
      "33.3 %",
    ])
      assert.ok(text.includes(wanted), wanted);
  });

  it("runs nothing and fetches nothing as a file, and forbids both", () => {
    assert.deepEqual(named(elements, "script"), []);
    const [style] = named(elements, "style");
    assert.ok(style);
    assert.equal(
      policyOf(elements),
      `default-src 'none'; style-src ${digest(content(style))}; base-uri 'none'; form-action 'none'`,
    );
    for (const { tagName, attrs } of elements)
      for (const { name, value } of attrs) {
        assert.ok(!/^(on|src|style|srcset|action|poster|data$)/.test(name), `${tagName} ${name}`);
        if (name === "href") assert.equal(value, "#board");
      }
  });

  it("lets in its own script alone where it is served", () => {
    const served = read(boardPage(sampleBoard(), client));
    assert.deepEqual(served.errors, []);
    const scripts = named(served.elements, "script");
    assert.deepEqual(scripts.map(content), [client]);
    const policy = policyOf(served.elements);
    assert.ok(policy.includes(`script-src ${digest(client)}; connect-src 'self';`));
    assert.equal(boardPolicy(client), `${policy}; frame-ancestors 'none'`);
    const region = served.elements.find((element) => attribute(element, "aria-live") !== undefined);
    assert.equal(region && attribute(region, "aria-live"), "polite");
  });

  it("keeps its shape whatever people, projects, commits and errors are called", function () {
    this.timeout(30_000);
    const hostile = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 30 }).map((one) => `x${one}`),
      fc.constantFrom(
        "</title><script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</style>",
        "<!--",
        "]]>",
        "\u202eevil",
        "&lt;",
        "slipway ${x}",
      ),
    );
    const shape = elements.map(({ tagName }) => tagName).join(" ");
    fc.assert(
      fc.property(hostile, hostile, hostile, (by, words, project) => {
        const found = read(boardPage({ ...sampleBoard({ by, text: words }), project }));
        assert.deepEqual(found.errors, []);
        assert.equal(found.elements.map(({ tagName }) => tagName).join(" "), shape);
      }),
      { numRuns: 25 },
    );
  });

  it("says so where nothing is and where something cannot be looked at", () => {
    const { environments, ...rest } = sampleFacts();
    const bare = environments.map(({ name, upstream, takesReleases }) => ({
      name,
      upstream,
      takesReleases,
      records: [],
    }));
    const empty = read(boardPage(boardOf({ ...rest, environments: bare })));
    assert.deepEqual(empty.errors, []);
    assert.match(empty.text, /No release has come anywhere yet/);
    assert.match(empty.text, /Nothing has happened yet/);
    const broken = bare.map((one) => ({
      ...one,
      problem: { message: "Record 3 is damaged.", next: "restore it" },
      gates: { message: "the remote does not answer", next: "git fetch" },
    }));
    const damaged = read(boardPage(boardOf({ ...rest, environments: broken })));
    for (const wanted of [/Record 3 is damaged\./, /restore it/, /could not be asked: the remote/, /git fetch/])
      assert.match(damaged.text, wanted);
  });

  it("tells times so that an open page changes once a minute", () => {
    const at = new Date(sampleNow).toISOString();
    const before = (minutes: number) => coarseAgo(new Date(sampleNow - minutes * 60_000).toISOString(), at);
    assert.deepEqual([-5, 0.9, 1, 59, 60, 2879, 2880].map(before), [
      "just now",
      "just now",
      "1 min ago",
      "59 min ago",
      "1 h ago",
      "47 h ago",
      "2 d ago",
    ]);
  });
});
