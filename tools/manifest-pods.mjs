// Our own rules for every pod, stricter than the API server's: the restricted profile spelled out, a bound on CPU and memory,
// probes on whatever runs for long, a pinned image, and only settings that the services know.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './command.mjs';

const reference = join(root, 'deploy', 'config-reference.md');

/** The settings of all services: from the generated reference, so that a misspelt name cannot be deployed. */
function knownSettings() {
  if (!existsSync(reference)) return undefined;
  return new Set(readFileSync(reference, 'utf8').match(/\b(?:TOOLFLEET_[A-Z0-9_]+|TOOL_CLASS)\b/g));
}

const known = knownSettings();

function checkSecurity(container, report) {
  const context = container.securityContext ?? {};
  if (context.allowPrivilegeEscalation !== false) report('must set allowPrivilegeEscalation: false');
  if (context.readOnlyRootFilesystem !== true) report('must set readOnlyRootFilesystem: true');
  if (!context.capabilities?.drop?.includes('ALL')) report('must drop ALL capabilities');
  if (context.privileged || context.capabilities?.add) report('must not gain privileges');
}

function checkContainer(container, isService, report) {
  checkSecurity(container, report);
  for (const kind of ['requests', 'limits']) {
    for (const resource of ['cpu', 'memory']) {
      if (container.resources?.[kind]?.[resource] === undefined) report(`has no resources.${kind}.${resource}`);
    }
  }
  if (/:latest$/.test(container.image)) report(`image ${container.image} is not pinned`);
  if (isService) {
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      if (!container[probe]) report(`has no ${probe}`);
    }
    if (container.livenessProbe?.httpGet?.path !== '/livez') report('livenessProbe must ask /livez');
    if (container.readinessProbe?.httpGet?.path !== '/readyz') report('readinessProbe must ask /readyz');
  }
  for (const { name, value } of container.env ?? []) {
    if (known && !known.has(name)) report(`sets ${name}, which deploy/config-reference.md does not know`);
    if (value !== undefined && /KEY|PASSWORD|TOKEN|DATABASE_URL/.test(name)) report(`${name} must come from a Secret`);
  }
}

export function checkPods(resource, report) {
  const pod = resource.spec?.template?.spec;
  if (resource.kind === 'ConfigMap' && resource.metadata.name === 'toolfleet-settings') {
    for (const name of Object.keys(resource.data ?? {})) {
      if (known && !known.has(name)) report(`sets ${name}, which deploy/config-reference.md does not know`);
    }
  }
  if (!pod) return;
  const isService = resource.kind === 'Deployment';
  if (pod.automountServiceAccountToken !== false) report('must set automountServiceAccountToken: false');
  if (pod.securityContext?.runAsNonRoot !== true) report('must set runAsNonRoot: true');
  if (pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault')
    report('must use the RuntimeDefault seccomp profile');
  if (pod.hostNetwork || pod.hostPID || pod.hostIPC) report('must not share namespaces of the host');
  if (pod.volumes?.some((volume) => volume.hostPath)) report('must not mount folders of the host');
  if (isService && pod.terminationGracePeriodSeconds === undefined) report('has no terminationGracePeriodSeconds');
  if (isService && !pod.topologySpreadConstraints?.length) report('has no topologySpreadConstraints');
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    checkContainer(container, isService, (what) => report(`container ${container.name} ${what}`));
  }
}
