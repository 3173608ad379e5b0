/** The page's only style sheet. Outcomes differ by shape as well as by colour. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #ffffff; --raised: #f6f8fa; --line: #d0d7de; --text: #1f2328; --quiet: #59636e;
  --good: #1a7f37; --plain: #0969da; --bad: #cf222e; --odd: #9a6700; --bad-soft: #cf222e26; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --raised: #161b22; --line: #30363d; --text: #e6edf3;
  --quiet: #9198a1; --good: #3fb950; --plain: #58a6ff; --bad: #ff7b72; --odd: #d29922; --bad-soft: #ff7b7233; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.25rem; }
h2 .state { margin-left: .5rem; font-size: .875rem; font-weight: 500; }
h3 { margin: 0 0 .25rem; font-size: .9375rem; } p { margin: .25rem 0; } .quiet { color: var(--quiet); }
.good { color: var(--good); } .bad { color: var(--bad); } .odd { color: var(--odd); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10.5rem), 1fr)); gap: .75rem; margin: 0 0 .75rem; }
.card, figure { margin: 0; padding: .875rem 1rem; background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; }
.card dt { color: var(--quiet); font-size: .875rem; } .card dd { margin: 0; }
.card .figure { font-size: 1.375rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.card .note { color: var(--quiet); font-size: .8125rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: .75rem; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
.wide { overflow-x: auto; } .wide svg { min-width: 44rem; }
svg text { fill: var(--quiet); font-size: 12px; font-family: inherit; } svg .lane { fill: var(--text); font-size: 13px; font-weight: 600; }
.grid { stroke: var(--line); stroke-width: 1; } .link { stroke: var(--quiet); stroke-width: 1; opacity: .45; fill: none; }
.outage { fill: var(--bad-soft); } .path { fill: none; stroke: var(--plain); stroke-width: 2; stroke-linejoin: round; } .dot { fill: var(--plain); }
.succeeded { fill: var(--good); stroke: var(--good); } .unverified { fill: var(--ground); stroke: var(--good); stroke-width: 2; }
.failed { fill: none; stroke: var(--bad); stroke-width: 3; stroke-linecap: round; } .interrupted { fill: var(--odd); stroke: var(--odd); }
rect.failed { fill: url(#hatched); stroke: var(--bad); stroke-width: 1; } #hatched rect { fill: var(--bad-soft); stroke: none; } #hatched path { stroke: var(--bad); stroke-width: 3; } rect.succeeded, rect.interrupted { stroke: none; } rect.unverified { stroke-width: 1; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0 0; padding: 0; list-style: none; font-size: .8125rem; color: var(--quiet); }
.legend svg { display: inline-block; width: 1rem; height: 1rem; vertical-align: -.2rem; margin-right: .25rem; }
details { margin-top: .5rem; font-size: .875rem; } summary { cursor: pointer; color: var(--quiet); }
summary:focus-visible, .scroll:focus-visible, .wide:focus-visible { outline: 2px solid var(--plain); outline-offset: 2px; }
.scroll { max-height: 24rem; overflow: auto; margin-top: .5rem; } table { border-collapse: collapse; width: 100%; font-size: .8125rem; }
caption { text-align: left; color: var(--quiet); padding-bottom: .25rem; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; font-variant-numeric: tabular-nums; }
th[scope="row"] { font-weight: 400; } code { font: .8125rem ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .8125rem; color: var(--quiet); }
footer dt { font-weight: 600; } footer dd { margin: 0 0 .5rem; }
.definitions { position: absolute; width: 0; height: 0; }
@media print { details { display: none; } .card, figure { break-inside: avoid; } }
`;
