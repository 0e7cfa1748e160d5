/** A plan as commands for the cluster of `k8s/`. Lines with `#` say what a command alone cannot do. */
import type { FleetPlan } from '@toolfleet/kernel/capacity';

const kubectl = 'kubectl -n toolfleet';

export function applyCommands({ partitions, span, orchestrator, classes }: FleetPlan): string[] {
  const settings = JSON.stringify({
    data: { TOOLFLEET_PARTITIONS: String(partitions), TOOLFLEET_TENANT_SPAN: String(span) },
  });
  return [
    '# partitions and span decide where sessions live: set them before the first session, or drain the fleet',
    `${kubectl} patch configmap toolfleet-settings --type merge -p '${settings}'`,
    `${kubectl} scale deployment/orchestrator --replicas=${orchestrator.replicas}`,
    ...Object.entries(classes).map(
      ([name, { replicas }]) => `${kubectl} scale deployment/executor-${name} --replicas=${replicas}`,
    ),
    '# in the catalogue, live within a second:',
    `#   ModelRoute  spec.concurrencyMax: ${orchestrator.modelConcurrency}`,
    ...Object.entries(classes).map(
      ([name, { concurrency }]) => `#   ToolClass ${name}  spec.concurrencyMax: ${concurrency}`,
    ),
  ];
}
