/** How the report's page looks. States have the panel's colours. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --text: #2c2c2c; --quiet: #5f5f5f; --line: #dcdcdc; --well: #f6f6f6;
  --error: #cd1f1f; --warning: #8f6400; --info: #0063d3; --mark: #fdeeed;
  --running: #15795e; --lock: #d9481c; --gil: #a87400; --io: #1f74cf; --waiting: #64748f;
  --blocks: #b0208c; --deadlocked: #cd1f1f; --unknown: #8a8a8a; --held: #6d7cab; --contended: #7a4fb5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #1f1f1f; --text: #cccccc; --quiet: #9d9d9d; --line: #3c3c3c; --well: #181818;
    --error: #f88070; --warning: #e2b33c; --info: #59a4f9; --mark: #391a1c;
    --running: #2fae8f; --lock: #f0704a; --gil: #d9a62e; --io: #4f9fe8; --waiting: #8fa0bd;
    --blocks: #e45cc0; --deadlocked: #f14c4c; --unknown: #8a8a8a; --held: #7d8bb5; --contended: #a884d6;
  }
}
body { background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 1240px; padding: 0 1.5em; }
h1 { font-size: 1.5em; margin: 0 0 .4em; }
h2 { font-size: 1.1em; margin: 1.8em 0 .5em; }
header p { color: var(--quiet); margin: .2em 0; overflow-wrap: anywhere; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: var(--well); margin: .3em 0 .8em; overflow-x: auto; padding: .6em; }
mark { background: var(--mark); color: inherit; }
.finding { border-left: 4px solid var(--line); margin: 1.5em 0; padding-left: 1em; }
.finding h2 { margin: 0; }
.finding h2 span { font-weight: normal; margin-right: .4em; }
.finding.error { border-color: var(--error); } .error h2 span { color: var(--error); }
.finding.warning { border-color: var(--warning); } .warning h2 span { color: var(--warning); }
.finding.info { border-color: var(--info); } .info h2 span { color: var(--info); }
.place { margin: .5em 0 0; overflow-wrap: anywhere; }
.chain { padding-left: 1.6em; }
.cycle::after { color: var(--quiet); content: "… and so back to the first."; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; }
th, td { border-bottom: 1px solid var(--line); padding: .2em .8em .2em 0; text-align: left; white-space: nowrap; }
th { color: var(--quiet); font-weight: normal; }
.number { font-variant-numeric: tabular-nums; text-align: right; }
.quiet { color: var(--quiet); }
svg { display: block; width: 100%; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
.ruler text { fill: var(--quiet); font-size: 11px; }
.ruler line { stroke: var(--line); stroke-width: .6; }
.legend span { color: var(--quiet); margin-right: 1.2em; white-space: nowrap; }
.legend i { display: inline-block; height: .8em; margin-right: .4em; width: .8em; }
.running { background: var(--running); fill: var(--running); } .lock { background: var(--lock); fill: var(--lock); }
.gil { background: var(--gil); fill: var(--gil); } .io { background: var(--io); fill: var(--io); }
.waiting { background: var(--waiting); fill: var(--waiting); } .blocksLoop { background: var(--blocks); fill: var(--blocks); }
.deadlocked { background: var(--deadlocked); fill: var(--deadlocked); } .unknown { background: var(--unknown); fill: var(--unknown); }
.held { background: var(--held); fill: var(--held); } .heldContended { background: var(--contended); fill: var(--contended); }
@media print { body { margin: 0; max-width: none; } }
`;
