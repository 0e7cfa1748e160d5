/** The table of alerts as a rule file of Prometheus. */
import { stringify } from 'yaml';
import type { AlertGroup, AlertRule } from './alert-rules.js';

/** Of the repository, where nothing else is said. */
export const runbookPath = 'docs/runbook.md';
/** In front of each name, so that they stand together among the alerts of others. */
const prefix = 'Toolfleet';

const head = `# Written by \`fleetctl alerts --write\` from apps/fleetctl/src/alerts/alert-rules.ts. Do not edit.
# A rule file of Prometheus; \`fleetctl alerts --runbook URL\` prints it with links to where your people read the runbook.
`;

export function ruleFile(groups: readonly AlertGroup[], runbook: string): string {
  const content = {
    groups: groups.map(({ name, rules }) => ({ name, rules: rules.map((one) => ruleOf(one, runbook)) })),
  };
  return head + stringify(content, { lineWidth: 0, singleQuote: true });
}

function ruleOf({ name, expr, lasts, severity, summary, description }: AlertRule, runbook: string) {
  return {
    alert: `${prefix}${name}`,
    expr,
    for: lasts,
    labels: { severity, part: 'toolfleet' },
    annotations: { summary, description, runbook_url: `${runbook}#${anchorOf(name)}` },
  };
}

/** As renderers of Markdown make it of a heading that is one word. */
export const anchorOf = (name: string): string => name.toLowerCase();
