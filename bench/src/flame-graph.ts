/**
 * A CPU profile as one picture: a box for each function, as wide as its part of the busy time, standing on its caller. Frames
 * of one package follow the colour of that package. A still picture for a page; the profile itself opens in any browser's
 * developer tools.
 */
interface Frame {
  readonly functionName: string;
  readonly url: string;
}

/** What `node --cpu-prof` writes. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface Box {
  readonly name: string;
  readonly owner: string;
  us: number;
  readonly callees: Map<string, Box>;
}

const width = 1_200;
const rowHeight = 16;
/** Narrower boxes are left out: half a pixel shows nothing. */
const widthMin = 0.5;
const letterWidth = 6.2;
const depthMax = 60;
const notBusy = new Set(['(idle)', '(program)']);

/** `skipMs`: what belongs to the start and the warm-up. */
export function flameGraphOf(profile: CpuProfile, title: string, skipMs = 0): string {
  const root = merged(profile, skipMs * 1_000);
  const rows: string[][] = [];
  draw(root, { x: 0, depth: 0, perUs: root.us === 0 ? 0 : width / root.us, rows });
  const height = (rows.length + 2) * rowHeight;
  const boxes = rows.flatMap((row, depth) => {
    const y = height - (depth + 1) * rowHeight;
    return row.map((box) => box.replaceAll('{y}', String(y)).replaceAll('{ty}', String(y + 12)));
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="10">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="4" y="12">${escaped(`${title}: ${(root.us / 1e6).toFixed(1)} s of busy time`)}</text>`,
    ...boxes,
    '</svg>\n',
  ].join('\n');
}

function merged({ nodes, samples, timeDeltas }: CpuProfile, skipUs: number): Box {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callerOf = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const root = box('all', '');
  let atUs = 0;
  for (const [index, id] of samples.entries()) {
    const us = timeDeltas[index] ?? 0;
    atUs += us;
    const leaf = byId.get(id);
    if (atUs < skipUs || !leaf || notBusy.has(leaf.callFrame.functionName)) continue;
    const stack: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = callerOf.get(at)) stack.push(byId.get(at)!.callFrame);
    root.us += us;
    let current = root;
    // The last is the profile's own root.
    for (const frame of stack.slice(0, -1).toReversed().slice(0, depthMax)) {
      const name = nameOf(frame);
      const callee = current.callees.get(name) ?? box(name, ownerOf(frame.url));
      current.callees.set(name, callee);
      callee.us += us;
      current = callee;
    }
  }
  return root;
}

const box = (name: string, owner: string): Box => ({ name, owner, us: 0, callees: new Map() });

const nameOf = ({ functionName, url }: Frame): string =>
  `${functionName || '(anonymous)'}${url === '' ? '' : ` ${url.slice(url.lastIndexOf('/') + 1)}`}`;

/** The npm package, our own folder under apps or libs, or `node`. */
export function ownerOf(url: string): string {
  const [, inPackage] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  const [, ours] = /\/((?:apps|libs)\/[^/]+)\/dist\//.exec(url) ?? [];
  return inPackage ?? ours ?? 'node';
}

interface Place {
  readonly x: number;
  readonly depth: number;
  readonly perUs: number;
  readonly rows: string[][];
}

function draw(of: Box, { x, depth, perUs, rows }: Place): void {
  const boxWidth = of.us * perUs;
  if (boxWidth < widthMin) return;
  const share = ((boxWidth / width) * 100).toFixed(1);
  const letters = Math.floor((boxWidth - 4) / letterWidth);
  const label =
    letters < 3 ? '' : `<text x="${(x + 2).toFixed(1)}" y="{ty}">${escaped(of.name.slice(0, letters))}</text>`;
  const about = escaped(`${of.name} (${of.owner || 'process'}) ${share} %`);
  const rect = `<rect x="${x.toFixed(1)}" y="{y}" width="${boxWidth.toFixed(1)}" height="15" fill="${colourOf(of.owner)}" rx="1"/>`;
  (rows[depth] ??= []).push(`<g><title>${about}</title>${rect}${label}</g>`);
  let calleeX = x;
  for (const callee of [...of.callees.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    draw(callee, { x: calleeX, depth: depth + 1, perUs, rows });
    calleeX += callee.us * perUs;
  }
}

/** Ours are orange, Node's grey, each package its own blue to green. */
function colourOf(owner: string): string {
  if (owner === '' || owner === 'node') return '#ddd';
  let sum = 0;
  for (const letter of owner) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  return /^(apps|libs)\//.test(owner) ? `hsl(${20 + (sum % 25)} 85% 70%)` : `hsl(${120 + (sum % 120)} 45% 75%)`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
