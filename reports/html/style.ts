/** The page's look. Light and dark by the system's choice, or by the button; print is light and whole. */
export const style = `
:root {
  color-scheme: light;
  --paper: #f6f6f3; --surface: #ffffff; --ink: #1c2024; --muted: #5b646d; --line: #dcdedb; --strong-line: #b9bdb9;
  --accent: #005a8c; --worse: #b84a00; --better: #00705a; --note: #fbf3dc; --note-line: #b58900; --code: #eeefec;
  --g-better: #bfe3d6; --g-none: #eceeec; --g-1: #fdeedd; --g-2: #fad9b5; --g-3: #f4b57c; --g-4: #e98f4f;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme=light]) {
    color-scheme: dark;
    --paper: #121517; --surface: #1a1e21; --ink: #e8eaeb; --muted: #a3adb5; --line: #31373c; --strong-line: #4b545b;
    --accent: #7cc4f5; --worse: #ff9d5c; --better: #4fd0ae; --note: #2c2613; --note-line: #c9a227; --code: #23282c;
    --g-better: #134a3b; --g-none: #23282c; --g-1: #3a2c1c; --g-2: #573718; --g-3: #7a4413; --g-4: #9c4a08;
  }
}
:root[data-theme=dark] {
  color-scheme: dark;
  --paper: #121517; --surface: #1a1e21; --ink: #e8eaeb; --muted: #a3adb5; --line: #31373c; --strong-line: #4b545b;
  --accent: #7cc4f5; --worse: #ff9d5c; --better: #4fd0ae; --note: #2c2613; --note-line: #c9a227; --code: #23282c;
    --g-better: #134a3b; --g-none: #23282c; --g-1: #3a2c1c; --g-2: #573718; --g-3: #7a4413; --g-4: #9c4a08;
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
.page { max-width: 1280px; margin: 0 auto; padding: 22px 28px 64px; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 1.75rem; letter-spacing: -0.015em; margin: 0; }
h2 { font-size: 1.25rem; letter-spacing: -0.01em; margin: 0 0 4px; }
h3 { font-size: 1rem; margin: 0 0 6px; }
h4 { font-size: 0.875rem; margin: 22px 0 6px; }
p { margin: 0 0 10px; max-width: 76ch; }
a { color: var(--accent); }
code, .name { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.92em; }
.muted { color: var(--muted); }
.wide { max-width: none; }
.small { font-size: 0.8125rem; }
.break { overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 12px; top: 12px; background: var(--surface); padding: 8px 12px; z-index: 2; }

header.top { display: flex; flex-wrap: wrap; gap: 12px 32px; align-items: flex-start; justify-content: space-between; }
header.top > div { min-width: 0; flex: 1 1 420px; }
.tools { display: flex; flex-wrap: wrap; gap: 6px; flex: 0 0 auto !important; }
button, select, input {
  font: inherit; font-size: 0.8125rem; color: var(--ink); background: var(--surface);
  border: 1px solid var(--strong-line); border-radius: 5px; padding: 4px 10px; min-height: 32px;
}
button { cursor: pointer; }
button:hover { border-color: var(--ink); }
button[aria-pressed=true] { background: var(--ink); color: var(--paper); border-color: var(--ink); font-weight: 600; }
button:disabled { cursor: default; color: var(--muted); border-style: dashed; border-color: var(--strong-line); }

.note { background: var(--note); border-left: 3px solid var(--note-line); padding: 8px 14px; margin: 14px 0 0; max-width: none; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 0 26px; margin: 18px 0 0; }
.answers > div { border-top: 2px solid var(--ink); padding: 8px 0 10px; }
.answers dt { color: var(--muted); font-size: 0.8125rem; }
.answers dd { margin: 0; }
.answers strong { display: block; font-size: 1.0625rem; line-height: 1.3; margin-bottom: 3px; overflow-wrap: anywhere; }
.answers span { color: var(--muted); font-size: 0.8125rem; line-height: 1.42; display: block; overflow-wrap: anywhere; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.shown-metric { font-weight: 400; font-size: 0.875rem; margin-left: 6px; }

table.matrix { font-size: 0.8125rem; border-collapse: separate; border-spacing: 2px; }
table.matrix th, table.matrix td { padding: 4px 6px; border: 0; border-radius: 3px; white-space: nowrap; line-height: 1.3; }
table.matrix thead th { white-space: normal; vertical-align: bottom; overflow-wrap: anywhere; min-width: 66px; }
table.matrix tbody th { position: sticky; left: 0; background: var(--paper); z-index: 1; }
table.matrix td span { font-size: 0.75rem; }
table.matrix .baseline th, table.matrix .baseline td { font-weight: 600; }
.key.grades { margin: 8px 0 6px; gap: 4px 8px; }
.cell { padding: 2px 8px; border-radius: 3px; color: var(--ink); }
.g-better { background: var(--g-better); } .g-unsure, .g-few { background: var(--g-none); } .g-few { outline: 1px dashed var(--strong-line); outline-offset: -1px; }
.g-slightly { background: var(--g-1); } .g-worse { background: var(--g-2); } .g-much { background: var(--g-3); } .g-far { background: var(--g-4); }
section.block { margin-top: 36px; }
select { max-width: 210px; }
#main { margin-top: 18px; }
.controls { display: flex; flex-wrap: wrap; gap: 8px 10px; align-items: center; margin: 10px 0 12px; }
.switch { display: flex; flex-wrap: wrap; gap: 5px; }
.controls label { font-size: 0.875rem; color: var(--muted); display: inline-flex; gap: 6px; align-items: center; }
.panels { display: grid; grid-template-columns: minmax(0, 1fr); gap: 18px; align-items: start; }
.panels.pairs { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.panel { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 16px 18px 12px; min-width: 0; }
.multiples { grid-column: 1 / -1; }
.small-ones { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr)); gap: 10px; }
.small-ones .panel { padding: 10px 12px 6px; }
.frame { position: relative; width: 100%; min-height: 120px; }
.frame canvas { display: block; max-width: 100%; }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 12px 0 0; padding: 0; list-style: none; color: var(--muted); font-size: 0.8125rem; }
.key.spaced { margin-bottom: 14px; }
.key b { color: var(--ink); font-weight: 600; }

details > summary { cursor: pointer; }
table.claims { min-width: 560px; }
table.claims td.verdict { white-space: nowrap; font-weight: 600; }
table.claims td p, table.claims td li { overflow-wrap: anywhere; max-width: 76ch; margin-bottom: 4px; }
.choices { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 14px; }
ol.choice { margin: 0 0 8px; padding-left: 1.4em; }
ol.choice li { margin-bottom: 6px; }
.panel details { margin-top: 8px; font-size: 0.875rem; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: 0.875rem; width: 100%; }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--muted); font-weight: 500; border-bottom-color: var(--strong-line); white-space: nowrap; }
tbody th { font-weight: 500; }
td.number, th.number { text-align: right; white-space: nowrap; }
.worse { color: var(--worse); font-weight: 600; }
.better { color: var(--better); font-weight: 600; }

h3.topology { margin: 20px 0 8px; }
details.network { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; margin-bottom: 8px; }
details.network > summary { display: flex; flex-wrap: wrap; gap: 2px 16px; align-items: baseline; padding: 11px 18px; list-style: none; }
details.network > summary::-webkit-details-marker { display: none; }
details.network > summary::before { content: "+"; color: var(--muted); width: 0.8em; font-family: ui-monospace, monospace; }
details.network[open] > summary::before { content: "\\2212"; }
details.network > summary .name { font-weight: 600; min-width: 190px; overflow-wrap: anywhere; }
details.network > summary .figure { min-width: 170px; }
details.network > .inside { padding: 2px 18px 20px; }
.two { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 22px; align-items: start; }
.path { display: flex; flex-wrap: wrap; gap: 8px 0; margin: 8px 0 12px; padding: 0; list-style: none; font-size: 0.8125rem; }
.path li { display: flex; align-items: center; }
.path li > span { border: 1px solid var(--strong-line); border-radius: 5px; padding: 4px 10px; background: var(--paper); }
.path li.end > span { background: var(--ink); color: var(--paper); border-color: var(--ink); }
.path li:not(:last-child)::after { content: "\\2192"; color: var(--muted); padding: 0 8px; }
.facts { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 8px 0; }
.facts > div { min-width: 0; }
.facts dt { color: var(--muted); font-size: 0.8125rem; }
.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
ul.plain { margin: 0; padding-left: 1.2em; }
ul.plain li { margin-bottom: 4px; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: 6px; padding: 12px 14px; margin: 8px 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.875rem; }
footer { margin-top: 48px; color: var(--muted); font-size: 0.8125rem; border-top: 1px solid var(--line); padding-top: 12px; }

@media (max-width: 1000px) { .panels.pairs { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 640px) {
  .page { padding: 16px 14px 40px; }
  h1 { font-size: 1.4rem; }
  .answers { grid-template-columns: minmax(0, 1fr); }
  .answers > div { border-top-width: 1px; border-color: var(--strong-line); }
  .two { grid-template-columns: minmax(0, 1fr); }
  .panel { padding: 12px 12px 10px; }
  table.matrix, table.matrix tbody { display: block; }
  table.matrix thead { display: none; }
  table.matrix tr { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 3px; margin-bottom: 12px; }
  table.matrix tbody th { grid-column: 1 / -1; position: static; padding-left: 0; }
  table.matrix td { display: block; white-space: normal; overflow-wrap: anywhere; }
  table.matrix td::before { content: attr(data-workload); display: block; font-size: 0.6875rem; }
  details.network > summary, details.network > .inside { padding-left: 12px; padding-right: 12px; }
  details.network > summary .name { min-width: 0; }
}
@page { size: A4; margin: 11mm; }
@media print {
  body { background: #fff; font-size: 9pt; line-height: 1.35; }
  .page { max-width: none; padding: 0; }
  .tools, .controls, .skip, button, .on-screen, .panel > details, .key b + details { display: none !important; }
  h1 { font-size: 15pt; } h2 { font-size: 11.5pt; } h3 { font-size: 9.5pt; margin: 6px 0 2px; }
  section.block { margin-top: 12px; }
  #main { margin-top: 6px; }
  .answers { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0 14px; margin-top: 8px; }
  .answers strong { font-size: 9.5pt; } .answers span, .answers dt { font-size: 7.5pt; }
  .panel { break-inside: avoid; border: 0; padding: 0; }
  .frame { break-inside: avoid; }
  table, table.claims { font-size: 7.5pt; min-width: 0 !important; }
  th, td { padding: 2px 6px 2px 0; }
  table.matrix { font-size: 6.5pt; border-spacing: 1px; } table.matrix th, table.matrix td { padding: 1px 2px; white-space: normal; }
  table.matrix td span, table.matrix .small { font-size: 5.5pt; } table.matrix thead th { min-width: 0; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .scroll { overflow: visible; }
  tr { break-inside: avoid; }
  p, li { margin-bottom: 3px; } pre { font-size: 7.5pt; padding: 4px 6px; }
  .muted.small, .small { font-size: 7.5pt; }
  footer { margin-top: 10px; }
}
`;
