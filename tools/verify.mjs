// Everything that must hold before a commit lands, in one command: format, lint, boundaries, types, protos, drift, manifests.
// Every step runs whatever failed before it, and each failure names the next thing to do. `--json` prints one object;
// words after the command choose steps by name (`npm run verify -- lint types`).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCommand, root, run } from './command.mjs';

const ok = (detail = '') => ({ status: 'passed', detail });
const failed = (output) => ({ status: 'failed', output });
const skipped = (reason) => ({ status: 'skipped', detail: reason });

const command =
  (name, ...args) =>
  async () => {
    const { code, output } = await run(name, args);
    return code === 0 ? ok() : failed(output || `${name} ended with exit code ${code}`);
  };

async function lockNamesNoHost() {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const hosted = Object.entries(lock.packages).filter(([, entry]) => /^(https?|git)/.test(entry.resolved ?? ''));
  return hosted.length === 0 ? ok() : failed(hosted.map(([path, entry]) => `${path}: ${entry.resolved}`).join('\n'));
}

async function lockMatchesManifests() {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const problems = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path.includes('node_modules') || entry.link) continue;
    const manifest = JSON.parse(await readFile(join(root, path, 'package.json'), 'utf8'));
    for (const field of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      const [wanted, locked] = [manifest[field] ?? {}, entry[field] ?? {}];
      for (const name of new Set([...Object.keys(wanted), ...Object.keys(locked)])) {
        if (wanted[name] !== locked[name])
          problems.push(`${path || '.'}: ${name} is ${wanted[name]}, locked ${locked[name]}`);
        else if (!name.startsWith('@toolfleet/') && !/^[\d.]+(-[\w.]+)?$/.test(wanted[name])) {
          problems.push(`${path || '.'}: ${name} is ${wanted[name]}, not one exact version`);
        }
      }
    }
  }
  return problems.length === 0 ? ok() : failed(problems.join('\n'));
}

async function breakingChanges() {
  const { output: tag } = await run('git', ['describe', '--tags', '--abbrev=0', 'HEAD']);
  const { code } = await run('git', ['rev-parse', '--verify', '--quiet', `refs/tags/${tag}`]);
  if (code !== 0) return skipped('no release tag yet');
  const { output: repository } = await run('git', ['rev-parse', '--path-format=absolute', '--git-common-dir']);
  const { code: breaks, output } = await run('buf', ['breaking', '--against', `${repository}#tag=${tag}`]);
  return breaks === 0 ? ok(`against ${tag}`) : failed(output);
}

// Files that fleetctl generates from the code: a command is checked from the moment fleetctl offers it.
const drift =
  (...words) =>
  async () => {
    const fleetctl = join(root, 'apps', 'fleetctl', 'bin', 'fleetctl.mjs');
    const offered = await run('node', [fleetctl, '--help']);
    const listed = offered.output.split('\n').some((line) => line.trim().split(/\s+/)[0] === words[0]);
    if (!listed) return skipped(`fleetctl has no '${words[0]}' command yet`);
    return command('node', fleetctl, ...words, '--check')();
  };

async function manifests() {
  if (!hasCommand('kubectl')) {
    const { code, output } = await run('node', ['tools/validate-manifests.mjs', '--without-render']);
    return code === 0 ? skipped('kubectl not found: only the single files were checked') : failed(output);
  }
  const { code, output } = await run('node', ['tools/validate-manifests.mjs']);
  return code === 0 ? ok(output.split('\n').at(-1)) : failed(output);
}

const fleetctlNext = (words) => `npx fleetctl ${words}, then commit what changed`;
const steps = [
  ['format', command('prettier', '--check', '--log-level', 'warn', '.'), 'npm run format'],
  ['lint', command('oxlint', '.'), 'npx oxlint --fix . and mend the rest by hand'],
  [
    'boundaries',
    command('node', 'tools/boundaries.mjs'),
    'move the import, or declare it in package.json and tsconfig.json',
  ],
  ['types', command('tsc', '-b'), 'npx tsc -b'],
  ['proto lint', command('buf', 'lint'), 'npx buf lint'],
  ['proto breaking', breakingChanges, 'reserve the field and add a new one; a new meaning is a new package version'],
  ['generated code', command('node', 'tools/generate.mjs', '--check'), 'npm run gen, then commit libs/contracts/gen'],
  ['topology', drift('topology'), fleetctlNext('topology --write')],
  ['config reference', drift('config', 'reference'), fleetctlNext('config reference --write')],
  ['alert rules', drift('alerts'), fleetctlNext('alerts --write')],
  ['manifest schemas', drift('catalog', 'schema'), fleetctlNext('catalog schema --write')],
  ['lock hosts', lockNamesNoHost, 'npm i with the .npmrc of this repository (omit-lockfile-registry-resolved)'],
  ['lock agrees', lockMatchesManifests, 'npm i, then npm ci; pin exact versions'],
  ['deployment files', command('node', 'tools/validate-deploy.mjs'), 'see deploy/README.md'],
  ['kubernetes manifests', manifests, 'node tools/validate-manifests.mjs'],
];

const words = process.argv.slice(2);
const json = words.includes('--json');
const chosen = words.filter((word) => !word.startsWith('--'));
const coloured = !json && process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
const signs = { passed: paint(32, 'ok  '), failed: paint(31, 'FAIL'), skipped: paint(33, 'skip') };
// A failing step shows its end, where tools put their summary; the whole is one `next` command away.
const OUTPUT_LINES_MAX = 60;

function show({ name, status, seconds, detail, output, next }) {
  console.log(`${signs[status]} ${name.padEnd(22)}${seconds.toFixed(1).padStart(6)} s  ${detail ?? ''}`.trimEnd());
  if (status !== 'failed') return;
  const lines = output.split('\n');
  if (lines.length > OUTPUT_LINES_MAX) console.log(`       ... ${lines.length - OUTPUT_LINES_MAX} lines before these`);
  for (const line of lines.slice(-OUTPUT_LINES_MAX)) console.log(`       ${line}`);
  console.log(`       next: ${next}`);
}

const results = [];
for (const [name, check, next] of steps) {
  if (chosen.length > 0 && !chosen.some((word) => name.includes(word))) continue;
  const startedAt = performance.now();
  const outcome = await check().catch((error) => failed(String(error.stack ?? error)));
  const result = { name, ...outcome, seconds: (performance.now() - startedAt) / 1000 };
  if (outcome.status === 'failed') result.next = next;
  results.push(result);
  if (!json) show(result);
}
const count = (status) => results.filter((result) => result.status === status).length;
const [passedCount, failedCount] = [count('passed'), count('failed')];
if (json)
  console.log(JSON.stringify({ passed: passedCount, failed: failedCount, skipped: count('skipped'), steps: results }));
else {
  if (count('skipped') > 0) console.log(`${count('skipped')} skipped`);
  console.log(`${passedCount} passed, ${failedCount} failed`);
}
// Nothing checked is not a success: a misspelt step name must not look green.
if (failedCount > 0 || results.length === 0) process.exitCode = 1;
