/** `fleetctl alerts`: the rules that operators are woken by, as a rule file of Prometheus. */
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import type { Command } from 'commander';
import { alertGroups } from '../alerts/alert-rules.js';
import { ruleFile, runbookPath } from '../alerts/rule-file.js';
import { checkGenerated, writeGenerated } from '../generated-file.js';

const path = fileURLToPath(new URL('../../../../deploy/alerts/toolfleet.rules.yaml', import.meta.url));

interface AlertFlags {
  readonly check?: boolean;
  readonly write?: boolean;
  readonly runbook: string;
}

export function registerAlerts(program: Command): void {
  program
    .command('alerts')
    .description('print the alert rules of the fleet for Prometheus')
    .addOption(new Option('--check', 'fail when deploy/alerts/ differs from the table of alerts').conflicts('write'))
    .option('--write', 'write deploy/alerts/toolfleet.rules.yaml')
    .option('--runbook <url>', 'where your people read docs/runbook.md', runbookPath)
    .action(alerts);
}

async function alerts({ check, write, runbook }: AlertFlags): Promise<void> {
  const file = { path, text: ruleFile(alertGroups, runbookPath), command: 'alerts --write' };
  if (write) return writeGenerated(file);
  if (check) return checkGenerated(file);
  process.stdout.write(ruleFile(alertGroups, runbook));
}
