// Checks that what a manifest names is there: ConfigMaps and their keys, Secrets and their keys, volumes, ports, selectors,
// service accounts, and the address settings that point at our own Services. Kubernetes finds these out only at run time.

// The keys of the Secret that the operator provides; documented in k8s/base/settings.yaml.
const providedSecrets = {
  'toolfleet-secrets': [
    'database-url',
    'receipt-key',
    'audit-signing-key',
    'audit-subject-key',
    'model-api-key',
    'kafka-password',
  ],
};

const podOf = (resource) => resource.spec?.template?.spec;
const labelsOf = (resource) => resource.spec?.template?.metadata?.labels ?? {};

function matches(selector, labels) {
  const wanted = Object.entries(selector?.matchLabels ?? {});
  const expressions = selector?.matchExpressions ?? [];
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    expressions.every(({ key, operator, values }) => operator !== 'In' || values.includes(labels[key]))
  );
}

function checkSources(container, keysOf, report) {
  const want = (kind, { name, key, optional }) => {
    const keys = keysOf(kind, name);
    if (!keys) report(`refers to the ${kind} ${name}, which is not there`);
    else if (key !== undefined && !optional && !keys.includes(key))
      report(`refers to ${kind} ${name}, which has no ${key}`);
  };
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef) want('ConfigMap', configMapRef);
    if (secretRef) want('Secret', secretRef);
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef) want('ConfigMap', valueFrom.configMapKeyRef);
    if (valueFrom?.secretKeyRef) want('Secret', valueFrom.secretKeyRef);
  }
}

function checkContainer(container, pod, keysOf, report) {
  checkSources(container, keysOf, report);
  const names = (container.env ?? []).map(({ name }) => name);
  for (const name of names.filter((each, index) => names.indexOf(each) !== index)) report(`sets ${name} twice`);
  const volumes = (pod.volumes ?? []).map(({ name }) => name);
  for (const { name } of container.volumeMounts ?? []) {
    if (!volumes.includes(name)) report(`mounts the volume ${name}, which is not there`);
  }
  const ports = (container.ports ?? []).map(({ name }) => name);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    const port = container[probe]?.httpGet?.port;
    if (typeof port === 'string' && !ports.includes(port)) report(`${probe} asks the port ${port}, which is not there`);
  }
}

function checkPod(resource, resources, keysOf, report) {
  const pod = podOf(resource);
  if (resource.spec.selector && !matches(resource.spec.selector, labelsOf(resource)))
    report('does not select its own pods');
  if (!resources.some(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === pod.serviceAccountName)) {
    report(`runs as ${pod.serviceAccountName}, which is not there`);
  }
  for (const volume of pod.volumes ?? []) {
    if (volume.configMap && !volume.configMap.optional && !keysOf('ConfigMap', volume.configMap.name)) {
      report(`mounts the ConfigMap ${volume.configMap.name}, which is not there`);
    }
  }
  for (const container of pod.containers) checkContainer(container, pod, keysOf, report);
  const isCovered = ({ kind, spec }) => kind === 'PodDisruptionBudget' && matches(spec.selector, labelsOf(resource));
  if (resource.kind === 'Deployment' && !resources.some(isCovered)) report('has no PodDisruptionBudget');
}

function checkSelectors(resource, pods, report) {
  const { kind, spec } = resource;
  const selector = {
    Service: { matchLabels: spec?.selector },
    PodDisruptionBudget: spec?.selector,
    NetworkPolicy: spec?.podSelector,
  };
  if (!(kind in selector)) return;
  const chosen = pods.filter((pod) => matches(selector[kind], labelsOf(pod)));
  if (chosen.length === 0) report('selects no pod');
  for (const pod of kind === 'Service' ? chosen : []) {
    const ports = podOf(pod).containers.flatMap((container) => container.ports ?? []);
    for (const { targetPort } of spec.ports) {
      if (!ports.some(({ name, containerPort }) => targetPort === name || targetPort === containerPort)) {
        report(`sends to the port ${targetPort}, which ${pod.metadata.name} does not open`);
      }
    }
  }
}

// `policy:9090` must name a Service and one of its ports.
function checkAddresses(resource, resources, report) {
  if (resource.kind !== 'ConfigMap') return;
  for (const [name, value] of Object.entries(resource.data ?? {})) {
    if (!/^TOOLFLEET_\w+_ADDRESS$/.test(name)) continue;
    const [host, port] = value.split(':');
    const service = resources.find(({ kind, metadata }) => kind === 'Service' && metadata.name === host);
    if (!service?.spec.ports.some((each) => String(each.port) === port))
      report(`${name} is ${value}, which no Service offers`);
  }
}

export function checkReferences(resources, reportOn, { secretsInside }) {
  const keysOf = (kind, name) => {
    const found = resources.find((resource) => resource.kind === kind && resource.metadata.name === name);
    if (found) return Object.keys({ ...found.data, ...found.stringData, ...found.binaryData });
    return kind === 'Secret' && !secretsInside ? providedSecrets[name] : undefined;
  };
  const pods = resources.filter((resource) => podOf(resource));
  for (const resource of resources) {
    const report = (what) => reportOn(resource, what);
    if (podOf(resource)) checkPod(resource, resources, keysOf, report);
    checkSelectors(resource, pods, report);
    checkAddresses(resource, resources, report);
  }
}
