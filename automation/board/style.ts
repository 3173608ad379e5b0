/** What the board adds to the style of all pages. Every state has a sign and a word beside its colour. */
export const boardStyle = `
body { max-width: 96rem; }
h1 { font-size: 1.5rem; }
.skip { position: absolute; left: -999rem; } .skip:focus { left: 1rem; top: .5rem; padding: .25rem .75rem; background: var(--ground); color: var(--plain); z-index: 1; }
header p, .lines p { overflow-wrap: anywhere; }
.news { padding: .5rem .75rem; border-left: 3px solid var(--plain); background: var(--raised); overflow-wrap: anywhere; }
.news:empty { padding: 0; border: 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15.5rem), 1fr)); gap: .75rem; align-items: start; }
.column { display: flex; flex-direction: column; gap: .5rem; min-width: 0; padding: .875rem 1rem; background: var(--raised); border: 1px solid var(--line);
  border-top: 3px solid var(--line); border-radius: .5rem; overflow-wrap: anywhere; }
.column.good { border-top-color: var(--good); color: inherit; } .column.plain { border-top-color: var(--plain); }
.column.odd { border-top-color: var(--odd); color: inherit; } .column.bad { border-top-color: var(--bad); color: inherit; } .column.quiet { color: inherit; }
.column h3 { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .125rem .75rem; margin: 0; font-size: 1.0625rem; }
.column h4 { margin: .25rem 0 0; font-size: .875rem; } .column p { margin: 0; font-size: .875rem; }
.state { font-weight: 500; font-size: .875rem; } .plain { color: var(--plain); } .column.plain { color: inherit; }
.facts { display: grid; grid-template-columns: auto 1fr; gap: .125rem .75rem; margin: 0; font-size: .875rem; } .facts dt { color: var(--quiet); } .facts dd { margin: 0; min-width: 0; }
.column details { margin: 0; } .column details ul, .lines { margin: .25rem 0 0; padding: 0; list-style: none; }
.lines li { padding: .125rem 0 .125rem 1.25rem; text-indent: -1.25rem; font-size: .8125rem; } .lines li > * { text-indent: 0; }
.mark { display: inline-block; width: 1.25rem; text-indent: 0; font-weight: 700; }
code.type { display: block; margin: .25rem 0 0; padding: .25rem .5rem; background: var(--ground); border: 1px solid var(--line); border-radius: .25rem; text-indent: 0;
  white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
.running { padding: .5rem .75rem; background: var(--ground); border: 1px solid var(--plain); border-radius: .375rem; }
progress { width: 100%; height: .625rem; accent-color: var(--plain); }
.scroll.tall { max-height: 30rem; } td.long { white-space: normal; min-width: 16rem; overflow-wrap: anywhere; }
td.stands { font-weight: 600; } td .when { display: block; color: var(--quiet); font-weight: 400; font-size: .75rem; } th .subject { display: block; max-width: 22rem; white-space: normal; color: var(--quiet); overflow-wrap: anywhere; }
th[scope="col"] { position: sticky; top: 0; background: var(--ground); }
:focus-visible { outline: 2px solid var(--plain); outline-offset: 2px; }
.arrived { animation: arrive 2s ease-out; } @keyframes arrive { from { background-color: var(--arrive); } }
:root { --arrive: #0969da40; } @media (prefers-color-scheme: dark) { :root { --arrive: #58a6ff40; } }
@media (prefers-reduced-motion: reduce) { .arrived { animation: none; } * { scroll-behavior: auto; transition: none; } }
`;
