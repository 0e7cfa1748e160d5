/** Style of the capacity page. Colours are variables, light first and dark by the reader's setting. */
export const pageStyle = `
:root { color-scheme: light dark; --page: #fbfbfa; --card: #ffffff; --ink: #1c1e21; --muted: #666c75; --rule: #e3e5e8;
  --quiet: #1f6feb; --storm: #d9730d; --bad: #cf222e; --good: #1a7f37; --band: #d9730d; --heat: 31, 111, 235; }
@media (prefers-color-scheme: dark) { :root { --page: #0f1114; --card: #171a1f; --ink: #e6e8eb; --muted: #98a1ad; --rule: #2b3038;
  --quiet: #6cb0ff; --storm: #f0a04b; --bad: #ff7b72; --good: #56d364; --band: #f0a04b; --heat: 108, 176, 255; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 4px 0 8px; }
h2 { font-size: 17px; margin: 0 0 4px; }
p { margin: 0 0 8px; }
.kind, .note, .legend { color: var(--muted); font-size: 13px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 24px 0; }
.tile, figure, section:not(.tiles) { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 14px 16px; }
.tile { border-top: 3px solid var(--rule); }
.tile.met { border-top-color: var(--good); }
.tile.missed { border-top-color: var(--bad); }
.tile p { margin: 0; font-size: 13px; }
.tile strong { font-size: 22px; font-variant-numeric: tabular-nums; }
figure, section:not(.tiles) { margin: 0 0 16px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 4px; }
.legend i { display: inline-block; width: 18px; height: 0; border-top: 3px solid var(--key); margin-right: 6px; vertical-align: middle; }
.legend i.dashed { border-top-style: dashed; }
.legend i.box { height: 12px; width: 12px; border: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--muted); font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
svg .grid { stroke: var(--rule); }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .dashed { stroke-dasharray: 5 4; stroke-width: 1.5; }
svg .area { opacity: 0.14; }
svg .limit { stroke: var(--bad); stroke-dasharray: 3 3; }
svg .limit-name { fill: var(--bad); }
svg .band { fill: var(--band); opacity: 0.13; }
svg .moment { fill: var(--bad); opacity: 0.7; }
svg .band-name { fill: var(--ink); }
svg .dot { fill: transparent; }
svg .dot:hover { fill: var(--ink); }
svg .frame { fill: none; stroke: var(--rule); }
.heat0 { fill: rgba(var(--heat), 0.18); background: rgba(var(--heat), 0.18); }
.heat1 { fill: rgba(var(--heat), 0.4); background: rgba(var(--heat), 0.4); }
.heat2 { fill: rgba(var(--heat), 0.75); background: rgba(var(--heat), 0.75); }
.heat3 { fill: var(--storm); background: var(--storm); }
.heat4 { fill: var(--bad); background: var(--bad); }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 6px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
thead th { color: var(--muted); font-weight: 500; }
tr > :first-child { text-align: left; font-weight: 500; }
.words { text-align: left; white-space: normal; min-width: 300px; }
pre { overflow-x: auto; font: 12px/1.6 ui-monospace, monospace; background: var(--page); border: 1px solid var(--rule); border-radius: 6px; padding: 10px 12px; margin: 12px 0 0; }
`;
