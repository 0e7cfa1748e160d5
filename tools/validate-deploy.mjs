// Checks deploy/compose.yaml and deploy/Dockerfile without a container engine: every reference finds its target, every
// long-running service has a health check, a memory bound and bounded logs, secrets have no default, and images are pinned
// and end as a user without rights. What only an engine can tell (that an image builds) is not claimed here.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from './command.mjs';

const problems = [];
const compose = parse(readFileSync(join(root, 'deploy', 'compose.yaml'), 'utf8'), { merge: true, uniqueKeys: true });
const report = (where, what) => problems.push(`deploy/compose.yaml: ${where}: ${what}`);

// Only what this file uses: an unknown key is a misspelt one.
const serviceKeys =
  'image build restart read_only tmpfs cap_drop security_opt logging environment ports volumes healthcheck command ' +
  'depends_on shm_size mem_limit stop_grace_period';
const known = new Set(serviceKeys.split(' '));
const isSecret = /(KEY|PASSWORD|TOKEN|SECRET|DATABASE_URL)$/;
// An empty default is "none is needed", as for a model endpoint on this machine; any other default is a known password.
const hasDefault = /\$\{\w+:?-[^}]+\}/;

function isPinned(image) {
  const tag = /:([^/]+)$/.exec(image)?.[1];
  return tag !== undefined && tag !== 'latest';
}

function checkDependencies(name, service) {
  for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
    const target = compose.services[other];
    if (!target) report(name, `waits for ${other}, which is not there`);
    else if (condition === 'service_healthy' && !target.healthcheck)
      report(name, `waits for the health of ${other}, which has no check`);
    else if (condition === 'service_completed_successfully' && target.restart === 'unless-stopped') {
      report(name, `waits for the end of ${other}, which never ends`);
    }
  }
}

function checkService(name, service) {
  for (const key of Object.keys(service)) if (!known.has(key)) report(name, `unknown key ${key}`);
  const isOneShot = service.restart?.startsWith('on-failure');
  if (!isPinned(service.image ?? '')) report(name, `the image ${service.image} is not pinned`);
  if (!isOneShot && !service.healthcheck) report(name, 'has no healthcheck');
  if (!service.mem_limit) report(name, 'has no mem_limit');
  if (!service.logging?.options?.['max-size']) report(name, 'has unbounded logs');
  for (const [setting, value] of Object.entries(service.environment ?? {})) {
    if (typeof value !== 'string') report(name, `${setting} must be a quoted text`);
    else if (isSecret.test(setting) && (hasDefault.test(value) || !value.includes('${'))) {
      report(name, `${setting} must come from the environment, without a default`);
    }
  }
  for (const port of service.ports ?? []) {
    if (!port.name) report(name, `the port ${port.target} has no name`);
    if (port.host_ip !== '127.0.0.1') report(name, `the port ${port.target} is open to other machines`);
  }
  for (const volume of service.volumes ?? []) {
    const source = typeof volume === 'string' ? volume.split(':')[0] : volume.source;
    if (!source.startsWith('$') && !(source in compose.volumes)) report(name, `the volume ${source} is not declared`);
  }
  const app = service.build?.args?.APP;
  if (service.build && !existsSync(join(root, 'apps', app ?? '-', 'package.json')))
    report(name, `there is no app '${app}'`);
  if (service.build && !existsSync(join(root, service.build.dockerfile)))
    report(name, `${service.build.dockerfile} is not there`);
  checkDependencies(name, service);
}

function checkDockerfile() {
  const text = readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8').replaceAll(/\\\n/g, ' ');
  const lines = text.split('\n').filter((line) => /^[A-Z]+ /.test(line));
  const complain = (what) => problems.push(`deploy/Dockerfile: ${what}`);
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const final = last[0]?.split(' ')[1] ?? '';
  if (!/distroless\/.+:nonroot(@|$)/.test(final))
    complain(`the last stage is ${final}, not a distroless image of a user without rights`);
  if (last.some((line) => line.startsWith('RUN '))) complain('the last stage runs a command, and has no shell for it');
  if (!last.some((line) => /^USER [1-9]\d*/.test(line)))
    complain('the last stage must name a numeric user: runAsNonRoot needs it');
  if (!last.some((line) => line.startsWith('ENTRYPOINT ["')))
    complain('the entry point must be a list: there is no shell');
  for (const line of lines.filter((each) => each.startsWith('FROM ') && !isPinned(each.split(' ')[1])))
    complain(`${line} is not pinned`);
  if (!existsSync(join(root, '.dockerignore'))) complain('.dockerignore is not there');
}

for (const [name, service] of Object.entries(compose.services)) checkService(name, service);
checkDockerfile();
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${Object.keys(compose.services).length} services and one Dockerfile are sound`);
